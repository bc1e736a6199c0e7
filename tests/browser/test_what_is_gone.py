"""A page of something that was removed meanwhile says so once, and asks no more.

The browser's clock is moved on, so that nobody waits for the page's pace.
"""

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.clicking import dialog_of, log_in
from tests.journeys.relaying import make_sender
from tests.journeys.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.browser

SECONDS = 60
A_TURN_MS, LONG_MS = 31_000, 600_000
GONE = "This is gone"


def requests_of(page: Page) -> list[str]:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    return asked


def open_page_of(page: Page, stack: Stack, path: str, name: str) -> str:
    """By its list. With it the address of its page."""
    page.clock.install()
    log_in(page, stack)
    page.goto(path)
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.locator("main a.back")).to_be_visible()
    return page.url


def remove_in_another_tab(page: Page, url: str, action: str) -> None:
    tab = page.context.new_page()
    tab.goto(f"{url}{action}/")
    tab.locator("main form button[type=submit]").last.click()
    tab.wait_for_url(lambda shown: action not in shown)
    tab.close()


def ask_until_gone(page: Page) -> None:
    def is_gone() -> bool:
        page.clock.run_for(A_TURN_MS)
        return page.get_by_text(GONE).is_visible()

    wait_for(is_gone, seconds=SECONDS, what=GONE)


def asks_no_more(page: Page, list_path: str) -> None:
    asked = requests_of(page)
    page.clock.run_for(LONG_MS)
    page.evaluate("htmx.trigger(document.body, 'console:changed')")
    page.clock.run_for(LONG_MS)
    page.wait_for_load_state("networkidle")
    assert asked == []
    expect(page.get_by_text(GONE)).to_have_count(1)
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator(".page-actions > *")).to_have_count(0)
    page.locator("main .notice a").click()
    page.wait_for_url(f"**{list_path}")


def test_the_page_of_a_deleted_address_asks_no_more(page: Page, stack: Stack) -> None:
    make_sender(stack, "gone@example.com", "trigger")
    url = open_page_of(page, stack, "/sender-addresses/?q=gone@", "gone@example.com")
    remove_in_another_tab(page, url, "delete")
    ask_until_gone(page)
    asks_no_more(page, "/sender-addresses/")


def test_the_page_of_a_removed_domain_asks_no_more(page: Page, stack: Stack) -> None:
    added = stack.manage("add_domain", "gone.example")
    assert added.returncode == 0, added.stderr
    url = open_page_of(page, stack, "/domains/", "gone.example")
    remove_in_another_tab(page, url, "remove")
    ask_until_gone(page)
    asks_no_more(page, "/domains/")


@pytest.mark.parametrize("part", ["credentials", "standing"])
def test_an_action_on_a_page_that_is_gone_says_so_once(page: Page, stack: Stack, part: str) -> None:
    address = f"gone-{part}@example.com"
    make_sender(stack, address, "trigger")
    url = open_page_of(page, stack, "/sender-addresses/?q=gone-", address)
    page.goto(f"{url}{part}/")
    remove_in_another_tab(page, url, "delete")
    action = page.locator("main a[data-dialog]:visible").first
    action.click()
    expect(page.get_by_text("That no longer exists.")).to_be_visible()
    expect(page.get_by_text(GONE)).to_be_visible()
    expect(dialog_of(page)).to_be_hidden()
    page.locator(".toast").get_by_role("button", name="Dismiss").click()
    page.clock.run_for(1_000)
    asks_no_more(page, "/sender-addresses/")
