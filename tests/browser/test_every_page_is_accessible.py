"""axe-core has nothing to say about any page in the light: on a desk and a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import axe
from tests.browser.every_page import DESKTOP, PHONE, Visit
from tests.directmail.gates.table import PAGES
from tests.showcase.world import Showcase

pytestmark = [pytest.mark.browser, pytest.mark.journey]

DESK = {"color_scheme": "light", "viewport": DESKTOP}
POCKET = {"color_scheme": "light", "viewport": PHONE}
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


def test_every_page_has_been_found(all_visits: list[Visit]) -> None:
    seen = set().union(*(visit.found.routes for visit in all_visits))
    wanted = {route for route, gate in PAGES.items() if gate.see is not None}
    assert wanted - seen - {*NOT_WALKED} == set()
    assert seen & {*NOT_WALKED} == set()


@pytest.mark.parametrize("look", [DESK, POCKET], ids=["desktop", "phone"])
def test_nothing_is_found(
    browser: Browser, showcase: Showcase, all_visits: list[Visit], look: dict[str, Any]
) -> None:
    assert axe.of_every_page(browser, showcase, all_visits, look) == {}


def test_nothing_is_found_while_a_dialog_is_open(
    browser: Browser, showcase: Showcase, all_visits: list[Visit]
) -> None:
    assert axe.of_dialogs(browser, showcase, all_visits[0], DESK) == {}
