"""Navigation on a phone, the theme, and where the focus goes."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import choose, dialog_of, log_in, open_page, row_of
from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser
PHONE = {"width": 375, "height": 812}
DARK, LIGHT = "rgb(15, 16, 21)", "rgb(249, 249, 251)"


def canvas(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def choose_theme(page: Page, name: str) -> None:
    page.locator("details.account > summary").click()
    page.get_by_role("button", name=name, exact=True).click()


def test_the_menu_of_a_phone_opens_leads_on_and_gives_the_focus_back(
    page: Page, stack: Stack
) -> None:
    log_in(page, stack)
    page.set_viewport_size(PHONE)
    button = page.get_by_role("button", name="Menu", exact=True)
    link = page.get_by_role("link", name="Mail Log")
    expect(link).to_be_hidden()
    button.click()
    expect(link).to_be_visible()
    keep_screenshot(page, "phone-menu")
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    link.click()
    expect(page.get_by_role("heading", name="Mail Log", level=1)).to_be_visible()


def test_without_javascript_the_menu_and_the_theme_work_too(browser: Browser, stack: Stack) -> None:
    context = browser.new_context(
        base_url=stack.web_url, java_script_enabled=False, viewport={"width": 375, "height": 812}
    )
    page = context.new_page()
    log_in(page, stack)
    page.get_by_role("button", name="Menu", exact=True).click()
    choose_theme(page, "Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("link", name="Mail Log").click()
    expect(page.get_by_role("heading", name="Mail Log", level=1)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    context.close()


def test_a_chosen_theme_outdoes_the_systems_on_the_log_in_page_too(
    page: Page, stack: Stack
) -> None:
    page.emulate_media(color_scheme="light")
    log_in(page, stack)
    assert canvas(page) == LIGHT
    choose_theme(page, "Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert canvas(page) == DARK
    page.locator("details.account > summary").click()
    page.get_by_role("button", name="Log out").click()
    page.goto("/login/")
    assert canvas(page) == DARK


def test_without_a_choice_the_console_follows_the_system(page: Page, stack: Stack) -> None:
    page.emulate_media(color_scheme="dark")
    log_in(page, stack)
    assert canvas(page) == DARK
    page.emulate_media(color_scheme="light")
    assert canvas(page) == LIGHT


def test_a_dialog_says_its_title_keeps_the_focus_and_gives_it_back(
    page: Page, stack: Stack
) -> None:
    log_in(page, stack)
    open_page(page, "Sender Addresses")
    expect(page.get_by_role("button", name="Search")).to_be_hidden()
    opener = page.locator(".page-actions").get_by_role("link", name="Create Sender Address")
    opener.click()
    dialog = page.get_by_role("dialog", name="Create Sender Address")
    expect(dialog.get_by_label("Sender address")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || dialog.contains(document.activeElement)"
        )
    page.keyboard.press("Escape")
    expect(dialog_of(page)).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_focus_finds_its_row_again_after_the_list_was_refreshed(
    page: Page, stack: Stack
) -> None:
    log_in(page, stack)
    open_page(page, "Sender Addresses")
    page.locator(".page-actions").get_by_role("link", name="Create Sender Address").click()
    dialog_of(page).get_by_label("Sender address").fill("focus@example.com")
    dialog_of(page).get_by_role("radio", name=re.compile("^Trigger Mail")).check()
    dialog_of(page).get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="focus@example.com", level=1)).to_be_visible()
    page.goto("/sender-addresses/")
    choose(page, "focus@example.com", "Suspend")
    dialog_of(page).get_by_role("button", name="Suspend").click()
    row = row_of(page, "focus@example.com")
    expect(row).to_contain_text("Suspended")
    expect(row.locator("summary")).to_be_focused()


def test_a_toast_can_be_dismissed(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    page.evaluate("toast('Done.', 'success')")
    toast = page.get_by_role("status").filter(has_text=re.compile("Done"))
    expect(toast).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("Done.")).to_have_count(0)


def test_what_takes_long_shows_a_line_until_it_is_there(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    open_page(page, "Sender Addresses")
    held = []
    page.route("**/sender-addresses/create/", lambda route: held.append(route))
    page.locator(".page-actions").get_by_role("link", name="Create Sender Address").click()
    expect(page.locator("html")).to_have_class(re.compile("busy"))
    held[0].continue_()
    expect(dialog_of(page)).to_be_visible()
    expect(page.locator("html")).not_to_have_class(re.compile("busy"))
