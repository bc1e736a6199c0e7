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

from tests.browser.every_page import DESKTOP, PHONE, all_pages, fresh_page, logged_in_state
from tests.journeys.stack import Stack
from tests.showcase.world import running_showcase

_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
_LOOKS = {
    "desktop-light": {"color_scheme": "light", "viewport": DESKTOP},
    "desktop-dark": {"color_scheme": "dark", "viewport": DESKTOP},
    "phone-light": {"color_scheme": "light", "viewport": PHONE},
    "phone-dark": {"color_scheme": "dark", "viewport": PHONE},
}
# Sharp enough to read, and a quarter of a PNG.
_QUALITY = 82


def take_all(folder: Path, wanted: set[str]) -> None:
    """One picture of each page in each look."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        raise SystemExit("There is no Chromium on this machine: install chromium and try again.")
    with sync_playwright() as playwright, running_showcase() as stack:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        paths = {_file_name(name): path for name, path in all_pages(stack).items()}
        for look in _LOOKS:
            take(browser, stack, look, paths, folder, wanted or {*paths})
        browser.close()


def take(
    browser: Browser,
    stack: Stack,
    look: str,
    paths: dict[str, str],
    folder: Path,
    wanted: set[str],
) -> None:
    (folder / look).mkdir(parents=True, exist_ok=True)
    state = logged_in_state(browser, stack)
    with fresh_page(browser, stack, storage_state=state, **_LOOKS[look]) as page:
        for name in sorted(wanted & {*paths}):
            page.goto(paths[name], wait_until="networkidle")
            (folder / look / f"{name}.webp").write_bytes(picture(page))
            print(f"{look}/{name}")  # noqa: T201 - a command's print is its interface


def picture(page: Page) -> bytes:
    """The whole page as WebP."""
    session = page.context.new_cdp_session(page)
    wanted = {"format": "webp", "quality": _QUALITY, "captureBeyondViewport": True}
    size = session.send("Page.getLayoutMetrics")["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
    shot = session.send("Page.captureScreenshot", {**wanted, "clip": clip})
    session.detach()
    return base64.b64decode(shot["data"])


def _file_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.removeprefix("smtp_gateway:").lower())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directmail.settings")
    django.setup()
    given = sys.argv[1:]
    take_all(Path(given[0]) if given else _FOLDER, {*given[1:]})
