"""What axe-core says about every page and its dialogs in one look."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import dialog_of
from tests.browser.every_page import Visit, fresh_page
from tests.showcase.world import Showcase

# A page, and the end of the path that one of its dialogs has.
_DIALOGS = [
    ("senders list", "/create/"),
    ("sender address", "/smtp-password/"),
    ("sender address", "/reply-to/"),
    ("sender address", "/test-mail/"),
    ("sender address", "/delete/"),
    ("senders credentials", "/add/"),
    ("senders credentials", "/rotate/"),
    ("senders credentials", "/revoke/"),
    ("senders dkim keys", "/generate/"),
    ("senders domains", "/domains/add/"),
    ("domain, verified", "/rotate/"),
    ("domain, verified", "/return-path/"),
    ("domain, verified", "/remove/"),
    ("routes", "/delete/"),
    ("people people", "/role/"),
    ("people people", "/deactivate/"),
    ("mail, deferred", "/retry/"),
]


Findings = dict[str, list[str]]


def of_every_page(
    browser: Browser, showcase: Showcase, visits: list[Visit], look: dict[str, Any]
) -> Findings:
    """By page, and only of those about which something was said; `look` is a browser context's."""
    found = {}
    for visit in visits:
        with fresh_page(browser, showcase.stack, storage_state=visit.cookies, **look) as page:
            for name, path in visit.pages.items():
                page.goto(path)
                found[name] = violations(page)
    return {name: each for name, each in found.items() if each}


def of_dialogs(
    browser: Browser, showcase: Showcase, admin: Visit, look: dict[str, Any]
) -> Findings:
    """Likewise, of a page with one of its dialogs open."""
    found = {}
    with fresh_page(browser, showcase.stack, storage_state=admin.cookies, **look) as page:
        for name, end in _DIALOGS:
            page.goto(admin.pages[name])
            _open_dialog(page, end)
            found[f"{name} {end}"] = violations(page)
    return {name: each for name, each in found.items() if each}


def _open_dialog(page: Page, end: str) -> None:
    """Where its link is folded away, the menu is opened first."""
    link = page.locator(f"main a[data-dialog][href*='{end}']").first
    menu = link.locator("xpath=ancestor::details[not(@open)]/summary")
    if menu.count():
        menu.click()
    link.click()
    expect(dialog_of(page)).to_be_visible()


def violations(page: Page) -> list[str]:
    """Each as rule, the element it is about, and what to do."""
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
