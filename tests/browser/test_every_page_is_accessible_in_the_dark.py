"""axe-core has nothing to say about any page in the dark: on a desk and a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import axe
from tests.browser.every_page import DESKTOP, PHONE, Visit
from tests.showcase.world import Showcase

pytestmark = [pytest.mark.browser, pytest.mark.journey]

DESK = {"color_scheme": "dark", "viewport": DESKTOP}
POCKET = {"color_scheme": "dark", "viewport": PHONE}


@pytest.mark.parametrize("look", [DESK, POCKET], ids=["desktop", "phone"])
def test_nothing_is_found(
    browser: Browser, showcase: Showcase, all_visits: list[Visit], look: dict[str, Any]
) -> None:
    assert axe.of_every_page(browser, showcase, all_visits, look) == {}


def test_nothing_is_found_while_a_dialog_is_open(
    browser: Browser, showcase: Showcase, all_visits: list[Visit]
) -> None:
    assert axe.of_dialogs(browser, showcase, all_visits[0], POCKET) == {}
