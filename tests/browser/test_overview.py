"""The overview of a running installation: live, without JavaScript, and on a phone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import log_in
from tests.browser.conftest import keep_screenshot
from tests.browser.test_smtp_sessions import PHONE, no_wider_than_the_screen
from tests.journeys.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.browser
# A worker's start, and its next look, on a slow machine.
SECONDS = 90


def shows(page: Page, check: str, words: str) -> bool:
    page.goto("/")
    return words in (page.locator(f"#health-{check}").text_content() or "")


def test_what_the_worker_does_and_finds_is_on_the_page(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    wait_for(
        lambda: shows(page, "worker", "Beat sent a task"), seconds=SECONDS, what="beat and worker"
    )
    page.get_by_role("button", name="Check again now").click()
    expect(page.get_by_text("The checks run now")).to_be_visible()
    wait_for(lambda: shows(page, "disk", "free"), seconds=SECONDS, what="a look at the disk")
    assert shows(page, "relay", "Relays at work: 1")
    page.locator("#health summary").click()
    keep_screenshot(page, "overview")


def test_without_javascript_periods_and_numbers_lead_on(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(
        base_url=stack.web_url, java_script_enabled=False, viewport=PHONE, color_scheme="dark"
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    log_in(page, stack)
    page.get_by_role("link", name="30 days").click()
    expect(page.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "page")
    no_wider_than_the_screen(page)
    page.get_by_role("link", name=re.compile("^Accepted")).first.click()
    expect(page.get_by_role("heading", name="Mail Log")).to_be_visible()
    expect(page.get_by_text(re.compile("^Accepted, from .* until"))).to_be_visible()
    no_wider_than_the_screen(page)
    page.get_by_role("link", name="Show all mail").first.click()
    expect(page.get_by_text(re.compile("^Accepted, from"))).to_have_count(0)
    context.close()
