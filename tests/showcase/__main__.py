"""Takes the pictures in docs/screenshots: `make screenshots`. Other arguments: where to, and names
of pages.
"""

import base64
import os
import re
import shutil
import sys
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.every_page import DESKTOP, PHONE, Visit, fresh_page, visits
from tests.journeys.console import Console
from tests.journeys.stack import Stack
from tests.showcase.world import running_showcase
from tests.waiting import wait_for

_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
_LOOKS = {
    "desktop-light": {"color_scheme": "light", "viewport": DESKTOP},
    "desktop-dark": {"color_scheme": "dark", "viewport": DESKTOP},
    "phone-light": {"color_scheme": "light", "viewport": PHONE},
    "phone-dark": {"color_scheme": "dark", "viewport": PHONE},
}
_INTRODUCTION = """\
# Pictures

The console of a small shop, as `make screenshots` takes it; the main pages on a phone too.
"""
# On a phone too; of the others a picture each on a desk is enough.
_MAIN = {
    *("overview", "senders-list", "sender-address", "mail-log", "mail-bounced", "mailbox"),
    *("caught-mail-with-files", "smtp-sessions", "session-refused", "routes", "people-people"),
    *("senders-audit-log", "account-security", "account-login"),
}
# Sharp enough to read, and a quarter of a PNG; what is longer repeats itself.
_QUALITY, _MOST_PIXELS_HIGH = 70, 2400


def take_all(folder: Path, wanted: set[str]) -> None:
    """One picture of each page in each look."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        raise SystemExit("There is no Chromium on this machine: install chromium and try again.")
    with sync_playwright() as playwright, running_showcase() as showcase:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        await_health(showcase.stack)
        for visit in visits(showcase):
            for look in _LOOKS:
                take(browser, showcase.stack, look, visit, folder, wanted)
        browser.close()
    write_index(folder)


def await_health(stack: Stack) -> None:
    """The worker looks every minute; until then the overview has little to say."""
    console = Console(stack.web_url)
    console.log_in(stack.operator_email, stack.operator_password)

    def has_looked() -> bool:
        return "No worker has looked yet." not in console.get("/").text

    wait_for(has_looked, seconds=180, what="a look at each part")


def take(
    browser: Browser, stack: Stack, look: str, visit: Visit, folder: Path, wanted: set[str]
) -> None:
    (folder / look).mkdir(parents=True, exist_ok=True)
    wanted = wanted or ({*map(file_name, visit.pages)} if "desktop" in look else _MAIN)
    with fresh_page(browser, stack, storage_state=visit.cookies, **_LOOKS[look]) as page:
        for name, path in sorted(visit.pages.items()):
            if file_name(name) in wanted:
                page.goto(path, wait_until="networkidle")
                (folder / look / f"{file_name(name)}.webp").write_bytes(picture(page))
                print(f"{look}/{file_name(name)}")  # noqa: T201 - its interface


def picture(page: Page) -> bytes:
    """The page as WebP, as on a screen that is high enough for all of it."""
    width, least = page.evaluate("[innerWidth, innerHeight]")
    whole = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(whole, _MOST_PIXELS_HIGH)})
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": _QUALITY})
    session.detach()
    page.set_viewport_size({"width": width, "height": least})
    return base64.b64decode(shot["data"])


def write_index(folder: Path) -> None:
    """A page that leads to all pictures there are."""
    looks = {look: {each.stem for each in (folder / look).glob("*.webp")} for look in _LOOKS}
    lines = [_INTRODUCTION, f"| page | {' | '.join(_LOOKS)} |", f"|---|{'---|' * len(_LOOKS)}"]
    for name in sorted(set().union(*looks.values())):
        links = [
            f"[see]({look}/{name}.webp)" if name in names else "" for look, names in looks.items()
        ]
        lines.append(f"| {name.replace('-', ' ')} | {' | '.join(links)} |")
    (folder / "README.md").write_text("\n".join(lines) + "\n")


def file_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directmail.settings")
    django.setup()
    given = sys.argv[1:]
    take_all(Path(given[0]) if given else _FOLDER, {*given[1:]})
