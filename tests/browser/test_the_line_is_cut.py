"""Where the console does not answer, a page that follows what happens says so once, until it does.

The browser's clock is moved on, so that nobody waits for the page's pace.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.clicking import log_in
from tests.journeys.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.browser

SECONDS = 60
A_TURN_MS, SOON_MS = 31_000, 1_000
STALE = re.compile(r"^Not up to date since \d\d:\d\d, trying again\.$")


@pytest.fixture
def reader(browser: Browser, stack: Stack) -> Iterator[Page]:
    """Of the overview. What fails here is wanted: nothing watches for complaints."""
    context = browser.new_context(base_url=stack.web_url)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.clock.install()
    log_in(page, stack)
    yield page
    context.close()


def cut(route: Route) -> None:
    route.abort()


def answer_like_a_proxy(route: Route) -> None:
    route.fulfill(status=502, body="Bad Gateway")


def go_on_until(page: Page, number: int) -> None:
    def is_so() -> bool:
        page.clock.run_for(A_TURN_MS)
        return page.locator(".toast").count() == number

    wait_for(is_so, seconds=SECONDS, what=f"{number} toasts")


@pytest.mark.parametrize("answer", [cut, answer_like_a_proxy], ids=["no answer", "502"])
def test_a_page_says_once_that_it_is_not_up_to_date(reader: Page, answer) -> None:
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.route("**/*", answer)
    go_on_until(reader, 1)
    wait_for(lambda: turn(reader, asked) > 3, seconds=SECONDS, what="more asked in vain")
    expect(reader.locator(".toast")).to_have_count(1)
    expect(reader.locator(".toast.warning .toast-text")).to_have_text(STALE)
    reader.unroute("**/*")
    go_on_until(reader, 0)


def turn(page: Page, asked: list[str]) -> int:
    page.clock.run_for(A_TURN_MS)
    return len(asked)


def test_what_is_said_already_is_not_said_again(reader: Page) -> None:
    reader.goto("/sender-addresses/")
    reader.route("**/create/**", cut)
    for _ in range(3):
        reader.get_by_role("link", name="Create Sender Address").first.click()
        expect(reader.get_by_text("The console cannot be reached.")).to_be_visible()
        reader.clock.run_for(SOON_MS)
    expect(reader.locator(".toast")).to_have_count(1)
