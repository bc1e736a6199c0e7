"""axe-core has nothing to say about any page: on a desk and a phone, in light and dark."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import dialog_of
from tests.browser.every_page import DESKTOP, PHONE, Visit, fresh_page
from tests.directmail.gates.table import PAGES
from tests.showcase.world import Showcase

pytestmark = [pytest.mark.browser, pytest.mark.journey]

LOOKS = {
    "light-desktop": {"color_scheme": "light", "viewport": DESKTOP},
    "light-phone": {"color_scheme": "light", "viewport": PHONE},
    "dark-desktop": {"color_scheme": "dark", "viewport": DESKTOP},
    "dark-phone": {"color_scheme": "dark", "viewport": PHONE},
}
NOT_WALKED = {
    "styleguide/": "only where DEBUG is set; see tests/directmail/test_styleguide.py",
    "login/passkey/": "is asked by a script, and answers with JSON",
    "account/passkeys/": "need a name for a host; see tests/browser/test_passkeys.py",
    "account/passkeys/add/": "likewise",
    "account/passkeys/confirm/": "likewise",
    "account/passkeys/<int:pk>/rename/": "likewise",
    "account/passkeys/<int:pk>/remove/": "likewise",
    "account/password/set/": "leads on to the page where a password is changed",
    "account/two-factor/": "leads on to the account",
    "account/two-factor/required/": "only where REQUIRE_TWO_FACTOR is set",
    "healthz": "for machines",
    "static/console.css": "is what pages load",
}
# A page, and the end of the path that one of its dialogs has.
DIALOGS = [
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


def test_every_page_has_been_found(all_visits: list[Visit]) -> None:
    seen = set().union(*(visit.found.routes for visit in all_visits))
    wanted = {route for route, gate in PAGES.items() if gate.see is not None}
    assert wanted - seen - {*NOT_WALKED} == set()
    assert seen & {*NOT_WALKED} == set()


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_nothing_is_found(
    browser: Browser, showcase: Showcase, all_visits: list[Visit], look: dict[str, Any]
) -> None:
    found = {}
    for visit in all_visits:
        with fresh_page(browser, showcase.stack, storage_state=visit.cookies, **look) as page:
            for name, path in visit.pages.items():
                page.goto(path)
                found[name] = violations(page)
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize(
    "look", [LOOKS["light-desktop"], LOOKS["dark-phone"]], ids=["light", "dark"]
)
def test_nothing_is_found_while_a_dialog_is_open(
    browser: Browser, showcase: Showcase, all_visits: list[Visit], look: dict[str, Any]
) -> None:
    found = {}
    admin = all_visits[0]
    with fresh_page(browser, showcase.stack, storage_state=admin.cookies, **look) as page:
        for name, end in DIALOGS:
            page.goto(admin.pages[name])
            open_dialog(page, end)
            found[name, end] = violations(page)
    assert {name: each for name, each in found.items() if each} == {}


def open_dialog(page: Page, end: str) -> None:
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
