"""Steps that every visit of the console has."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.journeys.stack import Stack


def log_in(page: Page, stack: Stack) -> None:
    page.goto("/login/")
    page.get_by_label(re.compile("e-mail", re.I)).fill(stack.operator_email)
    page.get_by_label("Password").fill(stack.operator_password)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def open_page(page: Page, name: str) -> None:
    """By the navigation, which a phone folds away."""
    menu = page.get_by_role("button", name="Menu", exact=True)
    if menu.is_visible():
        menu.click()
    page.get_by_role("navigation").get_by_role("link", name=name).click()


def row_of(page: Page, address: str) -> Locator:
    return page.locator("tr", has_text=address)


def dialog_of(page: Page) -> Locator:
    return page.get_by_role("dialog")


def choose(page: Page, address: str, action: str) -> None:
    """An action from the menu of that sender address's row."""
    row = row_of(page, address)
    row.locator("summary").click()
    row.locator("details").get_by_role("link", name=action, exact=True).click()
    expect(dialog_of(page)).to_be_visible()
