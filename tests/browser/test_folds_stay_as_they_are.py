"""What a reader has opened or folded up on a page that follows what happens stays so.

The browser's clock is moved on, so that nobody waits for the page's pace.
"""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.clicking import log_in
from tests.journeys.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.browser

SECONDS = 60
A_TURN_MS = 61_000


def toggle(page: Page, name: str) -> None:
    summary = page.locator("summary", has_text=name).first
    was_open = is_open(page, name)
    summary.click()
    wait_for(lambda: is_open(page, name) != was_open, seconds=SECONDS, what=name)


def is_open(page: Page, name: str) -> bool:
    return bool(fold_of(page, name).evaluate("details => details.open"))


def fold_of(page: Page, name: str) -> Locator:
    return page.locator("details", has=page.locator("> summary", has_text=name)).first


def wait_until_replaced(page: Page, part: str) -> None:
    page.locator(part).evaluate("part => part.classList.add('old')")

    def is_new() -> bool:
        page.clock.run_for(A_TURN_MS)
        return page.locator(f"{part}:not(.old)").count() == 1

    wait_for(is_new, seconds=SECONDS, what=f"a new {part}")


def test_what_is_opened_on_the_overview_stays_open(page: Page, stack: Stack) -> None:
    page.clock.install()
    log_in(page, stack)
    toggle(page, "Show as a table")
    health = fold_of(page, "good").evaluate("details => details.open")
    toggle(page, "good")
    wait_until_replaced(page, "#numbers")
    assert is_open(page, "Show as a table")
    assert is_open(page, "good") is not health
    toggle(page, "Show as a table")
    wait_until_replaced(page, "#numbers")
    assert not is_open(page, "Show as a table")


def test_records_stay_open_while_somebody_copies_them(page: Page, stack: Stack) -> None:
    added = stack.manage("add_domain", "folds.example")
    assert added.returncode == 0, added.stderr
    page.clock.install()
    log_in(page, stack)
    page.goto("/domains/")
    page.get_by_role("link", name="folds.example", exact=True).first.click()
    expect(page.locator("#records")).to_be_visible()
    # The first record stands open, since it is not found.
    toggle(page, "Wanted and found")
    toggle(page, "In strings")
    toggle(page, "All records as lines of a zone file")
    wait_until_replaced(page, "#domain")
    assert not is_open(page, "Wanted and found")
    assert is_open(page, "In strings")
    assert is_open(page, "All records as lines of a zone file")


def test_what_was_left_alone_is_shown_as_the_server_sees_it(page: Page, stack: Stack) -> None:
    page.clock.install()
    log_in(page, stack)
    page.evaluate("document.getElementById('activity-chart-table').classList.add('untouched')")
    wait_until_replaced(page, "#numbers")
    expect(page.locator("#activity-chart-table.untouched")).to_have_count(0)
    assert not is_open(page, "Show as a table")
