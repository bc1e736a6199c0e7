"""Lists follow what comes in, and leave whoever is in the middle of something alone.

The browser's clock is moved on, so that nobody waits for a list's pace.
"""

import pytest
from playwright.sync_api import Page, Request, Response, expect

from tests.browser.clicking import log_in, row_of
from tests.browser.test_acting_on_mail import make_waiting
from tests.journeys.relaying import TRIGGER, make_sender
from tests.journeys.stack import Stack
from tests.journeys.submitting import submission
from tests.waiting import wait_for

pytestmark = pytest.mark.browser

SECONDS = 60
A_WHILE_MS, A_TURN_MS = 120_000, 31_000
HIDE = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true})"


def open_list(page: Page, stack: Stack, path: str) -> None:
    page.clock.install()
    log_in(page, stack)
    page.goto(path)


def asking(page: Page) -> list[str]:
    """The paths that will be asked for news."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "live-version" in request.headers:
            asked.append(request.url)

    page.on("request", note)
    return asked


def answers(page: Page) -> list[int]:
    """The statuses of what will be answered about news."""
    statuses: list[int] = []

    def note(response: Response) -> None:
        if "live-version" in response.request.headers:
            statuses.append(response.status)

    page.on("response", note)
    return statuses


def asks_within_a_turn(page: Page, asked: list[str]) -> None:
    page.clock.run_for(A_TURN_MS)
    assert asked


def row_comes(page: Page, text: str) -> None:
    def moved_on() -> bool:
        page.clock.run_for(A_TURN_MS)
        return page.locator("tbody tr", has_text=text).count() > 0

    wait_for(moved_on, seconds=SECONDS, what=text)


def test_what_comes_in_appears_in_each_list_by_itself(page: Page, stack: Stack) -> None:
    make_sender(stack, TRIGGER, "trigger")
    open_list(page, stack, "/mail-log/")
    lists = [page, page.context.new_page(), page.context.new_page()]
    for tab, path in zip(lists[1:], ("/mailbox/", "/smtp-sessions/"), strict=True):
        tab.clock.install()
        tab.goto(path)
    with submission(stack.smtp_port, "it came by itself", ["live@example.net"]) as client:
        client.send()
    for tab, text in zip(lists, ("live@example.net", "it came by itself", TRIGGER), strict=True):
        row_comes(tab, text)


def test_where_nothing_has_changed_nothing_is_replaced(page: Page, stack: Stack) -> None:
    make_waiting(stack, "still@x.example")
    open_list(page, stack, "/mail-log/?q=still@")
    statuses = answers(page)
    page.clock.run_for(A_TURN_MS)
    wait_for(lambda: looked(page, statuses) == [200], seconds=SECONDS)
    row_of(page, "still@x.example").evaluate("row => row.classList.add('the-same')")
    page.clock.run_for(A_TURN_MS)
    wait_for(lambda: looked(page, statuses) == [200, 204], seconds=SECONDS)
    expect(page.locator("tr.the-same")).to_have_count(1)


def test_a_ticked_row_is_left_alone(page: Page, stack: Stack) -> None:
    make_waiting(stack, "ticked-live@x.example")
    open_list(page, stack, "/mail-log/?q=ticked-live")
    asked = asking(page)
    row_of(page, "ticked-live@x.example").get_by_role("checkbox").check()
    page.clock.run_for(A_WHILE_MS)
    assert asked == []
    row_of(page, "ticked-live@x.example").get_by_role("checkbox").uncheck()
    asks_within_a_turn(page, asked)


def test_an_open_menu_is_left_alone(page: Page, stack: Stack) -> None:
    make_waiting(stack, "menu-live@x.example")
    open_list(page, stack, "/mail-log/?q=menu-live")
    asked = asking(page)
    page.get_by_text("Act on all found").click()
    page.clock.run_for(A_WHILE_MS)
    assert asked == []
    page.keyboard.press("Escape")
    page.locator("h1").click()
    asks_within_a_turn(page, asked)


def test_whoever_walks_the_list_by_keyboard_is_left_alone(page: Page, stack: Stack) -> None:
    make_waiting(stack, "walked-live@x.example")
    open_list(page, stack, "/mail-log/?q=walked-live")
    asked = asking(page)
    page.get_by_label("State", exact=True).focus()
    while "walked-live" not in str(
        page.evaluate("document.activeElement.closest('tr')?.innerText")
    ):
        page.keyboard.press("Tab")
    page.clock.run_for(A_WHILE_MS)
    assert asked == []


def test_a_hidden_tab_asks_nothing_and_at_once_when_it_is_looked_at(
    page: Page, stack: Stack
) -> None:
    make_waiting(stack, "hidden-live@x.example")
    open_list(page, stack, "/mail-log/?q=hidden-live")
    asked = asking(page)
    page.evaluate(HIDE % "true")
    page.clock.run_for(A_WHILE_MS)
    assert asked == []
    page.evaluate(HIDE % "false")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    wait_for(lambda: looked(page, asked), seconds=SECONDS)


def test_an_older_page_and_another_order_stay_as_they_are(page: Page, stack: Stack) -> None:
    make_waiting(stack, "old-live@x.example")
    open_list(page, stack, "/mail-log/?q=old-live")
    page.get_by_role("link", name="Time", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_be_visible()
    asked = asking(page)
    page.clock.run_for(A_WHILE_MS)
    assert asked == []


def looked(page: Page, noted: list[int] | list[str]) -> list[int] | list[str]:
    """Lets the browser's events come in first."""
    page.wait_for_load_state()
    page.evaluate("null")
    return noted
