"""The first look at any page costs at most 100 KiB, and nothing jumps while it loads."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.every_page import DESKTOP, PHONE, Visit, fresh_page
from tests.browser.slow_line import slow_line
from tests.showcase.world import Showcase

pytestmark = [pytest.mark.browser, pytest.mark.journey]

MOST_BYTES = 100 * 1024
_SHIFTS = """
() => new Promise(resolve => {
  new PerformanceObserver(list => resolve(
    list.getEntries().reduce((sum, entry) => sum + entry.value, 0)
  )).observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(0)));
})
"""


def test_a_first_load_is_small(
    browser: Browser, showcase: Showcase, all_visits: list[Visit]
) -> None:
    sizes = {}
    for visit in all_visits:
        for name, path in visit.pages.items():
            look = {"viewport": DESKTOP, "storage_state": visit.cookies}
            with fresh_page(browser, showcase.stack, **look) as page:
                sizes[name] = transferred_bytes(page, path)
    assert min(sizes.values()) > 0
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_jumps(
    browser: Browser, showcase: Showcase, all_visits: list[Visit], viewport: dict[str, int]
) -> None:
    """Not even where a page comes in piece by piece, and its scripts after it."""
    shifts = {}
    with slow_line(showcase.stack.web_url) as url:
        for visit in all_visits:
            look = {"viewport": viewport, "storage_state": visit.cookies, "base_url": url}
            with fresh_page(browser, showcase.stack, **look) as page:
                shifts.update({name: shift(page, path) for name, path in visit.pages.items()})
    assert {name: each for name, each in shifts.items() if each > 0} == {}


def transferred_bytes(page: Page, path: str) -> int:
    """Of everything that the page loads, heads and bodies as they came over the wire."""
    sizes: list[int] = []

    def note(event: dict[str, Any]) -> None:
        sizes.append(int(event["encodedDataLength"]))

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", note)
    page.goto(path, wait_until="networkidle")
    return sum(sizes)


def shift(page: Page, path: str) -> float:
    page.goto(path, wait_until="networkidle")
    return float(page.evaluate(_SHIFTS))
