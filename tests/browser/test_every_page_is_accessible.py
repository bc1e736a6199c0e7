"""axe-core has nothing to say about any page: on a desk and a phone, in light and dark."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.every_page import DESKTOP, PHONE, all_pages, fresh_page, logged_in_state
from tests.journeys.stack import Stack
from tests.showcase.world import running_showcase

pytestmark = [pytest.mark.browser, pytest.mark.journey]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_showcase() as running:
        yield running


@pytest.fixture(scope="module")
def paths(stack: Stack) -> dict[str, str]:
    return all_pages(stack)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_is_found(
    browser: Browser, stack: Stack, paths: dict[str, str], scheme: str, viewport: dict[str, int]
) -> None:
    state = logged_in_state(browser, stack)
    look = {"color_scheme": scheme, "viewport": viewport, "storage_state": state}
    with fresh_page(browser, stack, **look) as page:
        found = {name: violations(page, path) for name, path in paths.items()}
    assert {name: each for name, each in found.items() if each} == {}


def violations(page: Page, path: str) -> list[str]:
    """Each as rule, the element it is about, and what to do."""
    page.goto(path)
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
