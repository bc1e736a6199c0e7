"""What only a browser with JavaScript does on the list of sender addresses."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import choose, dialog_of, log_in, open_page, row_of
from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser


def make_sender(page: Page, address: str) -> None:
    open_page(page, "Sender Addresses")
    page.get_by_role("link", name="Create Sender Address").first.click()
    dialog_of(page).get_by_label("Sender address").fill(address)
    dialog_of(page).get_by_role("radio", name=re.compile("^Trigger Mail")).check()
    dialog_of(page).get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=address)).to_be_visible()
    open_page(page, "Sender Addresses")
    expect(row_of(page, address)).to_be_visible()


def test_a_typed_password_can_be_looked_at(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    make_sender(page, "shown@example.com")
    choose(page, "shown@example.com", "Set SMTP Password")
    field = dialog_of(page).get_by_label("Password", exact=True)
    field.fill("short")
    expect(field).to_have_attribute("type", "password")
    button = dialog_of(page).get_by_role("button", name="Show password")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(field).to_have_attribute("type", "password")
    dialog_of(page).get_by_role("button", name="Use this password").click()
    # The answer is there: a hint says the same before it.
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(dialog_of(page)).to_contain_text("10 to 20")
    expect(field).to_have_value("short")
    dialog_of(page).get_by_role("button", name="Show password").click()
    expect(field).to_have_attribute("type", "text")
    keep_screenshot(page, "typed-password")


def test_the_password_of_a_log_in_can_be_looked_at(browser: Browser, stack: Stack) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{stack.web_url}/login/")
        field = page.get_by_label("Password", exact=True)
        field.fill("typed")
        page.get_by_role("button", name="Show password").click()
        expect(field).to_have_attribute("type", "text")
        expect(field).to_have_value("typed")
    with browser.new_context(java_script_enabled=False) as context:
        plain = context.new_page()
        plain.goto(f"{stack.web_url}/login/")
        expect(plain.get_by_role("button", name="Show password")).to_be_hidden()


def test_a_menu_stays_open_when_the_table_is_refreshed(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    make_sender(page, "menu@example.com")
    row = row_of(page, "menu@example.com")
    row.locator("summary").click()
    row.evaluate("row => row.classList.add('old')")
    page.evaluate("htmx.trigger(document.body, 'console:changed')")
    expect(page.locator("tr.old")).to_have_count(0)
    expect(row.get_by_role("link", name="Change reply-to")).to_be_visible()
    expect(row.locator("summary")).to_be_focused()
    page.keyboard.press("Escape")
    expect(row.get_by_role("link", name="Change reply-to")).to_be_hidden()


def test_a_refusal_is_read_above_an_open_dialog(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    page.goto("/sender-addresses/")
    page.get_by_role("link", name="Create Sender Address").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Sender address").fill("toast@example.com")
    page.context.clear_cookies(name="csrftoken")
    dialog.get_by_role("button", name="Create").click()
    toast = page.get_by_text("This page is out of date. Reload it, then try again.")
    expect(toast).to_be_visible()
    box = toast.bounding_box()
    assert box is not None
    on_top = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('#toasts') !== null",
        [box["x"] + 5, box["y"] + 5],
    )
    assert on_top
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("main > #toasts")).to_have_count(1)
