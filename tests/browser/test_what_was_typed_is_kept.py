"""A dialog with something to lose is closed by its buttons only: no stray click, no Escape."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.clicking import dialog_of, log_in
from tests.browser.test_sender_address_page import create
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser

TYPED = "typed@example.com"


def open_dialog(page: Page) -> Locator:
    """That of a new address. With it its first field."""
    page.goto("/sender-addresses/")
    page.get_by_role("link", name="Create Sender Address").first.click()
    field = dialog_of(page).get_by_label("Sender address")
    expect(field).to_be_focused()
    return field


def stray(page: Page) -> None:
    """Chromium lets a page prevent the closing only so often in a row."""
    for _ in range(4):
        page.keyboard.press("Escape")
    page.mouse.click(5, 5)


def test_what_was_typed_stays_until_it_is_taken_back(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    field = open_dialog(page)
    field.fill(TYPED)
    stray(page)
    expect(field).to_have_value(TYPED)
    expect(field).to_be_visible()
    field.fill("")
    page.mouse.click(5, 5)
    expect(dialog_of(page)).to_be_hidden()


@pytest.mark.parametrize("button", ["[data-close]", ".dialog-close button"], ids=["cancel", "x"])
def test_its_buttons_close_it_all_the_same(page: Page, stack: Stack, button: str) -> None:
    log_in(page, stack)
    open_dialog(page)
    dialog_of(page).get_by_role("radio", name=re.compile("^Batch Mail")).check()
    stray(page)
    expect(dialog_of(page)).to_be_visible()
    dialog_of(page).locator(button).click()
    expect(dialog_of(page)).to_be_hidden()


def test_what_was_refused_stays_to_be_mended(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    field = open_dialog(page)
    field.fill("not an address")
    dialog_of(page).get_by_role("button", name="Create").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    stray(page)
    expect(field).to_have_value("not an address")
    expect(field).to_be_visible()


def test_a_password_that_is_shown_once_stays(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    page.goto("/")
    create(page, "kept-password@example.com")
    page.get_by_role("link", name="Set SMTP Password").first.click()
    dialog_of(page).get_by_role("button", name="Generate a password").click()
    shown = dialog_of(page).locator("[data-keep-open]")
    expect(shown).to_be_visible()
    stray(page)
    expect(shown).to_be_visible()
    dialog_of(page).get_by_role("link", name="Done").click()
    expect(dialog_of(page)).to_be_hidden()
    # The next dialog has nothing to lose.
    open_dialog(page)
    page.keyboard.press("Escape")
    expect(dialog_of(page)).to_be_hidden()


def test_a_log_in_that_has_ended_takes_nothing_away(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    field = open_dialog(page)
    field.fill("after-log-in@example.com")
    dialog_of(page).get_by_role("radio", name=re.compile("^Batch Mail")).check()
    page.context.clear_cookies(name="sessionid")
    for _ in range(2):
        dialog_of(page).get_by_role("button", name="Create").click()
        expect(dialog_of(page).get_by_role("alert")).to_have_count(1)
        expect(dialog_of(page).get_by_role("alert")).to_contain_text("Log in in another tab")
        expect(field).to_have_value("after-log-in@example.com")
    with page.context.expect_page() as opened:
        dialog_of(page).get_by_role("link", name="Log in in another tab").click()
    log_in(opened.value, stack)
    opened.value.close()
    dialog_of(page).get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="after-log-in@example.com")).to_be_visible()
