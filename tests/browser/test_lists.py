"""Lists: what is typed and chosen stands in the address, and rows are ticked one by one or many."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import dialog_of, log_in, row_of
from tests.browser.test_acting_on_mail import make_waiting
from tests.journeys.relaying import make_sender
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser


def test_filters_stand_in_the_address_and_the_way_back_leads_through_them(
    page: Page, stack: Stack
) -> None:
    make_waiting(stack, "list1@x.example", "other1@x.example")
    log_in(page, stack)
    page.goto("/mail-log/")
    page.get_by_label("Search the mail log").fill("list1")
    expect(page).to_have_url(f"{stack.web_url}/mail-log/?q=list1")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("State", exact=True).select_option("cancelled")
    expect(page).to_have_url(f"{stack.web_url}/mail-log/?q=list1&state=cancelled")
    expect(page.get_by_text("No mail found")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{stack.web_url}/mail-log/?q=list1")
    expect(row_of(page, "list1@x.example")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Search the mail log")).to_have_value("list1")


def test_a_column_sorts_and_its_file_is_that_of_the_page(page: Page, stack: Stack) -> None:
    for name in ("b", "a"):
        make_sender(stack, f"{name}@sorted.example", "batch")
    log_in(page, stack)
    page.goto("/sender-addresses/?q=sorted.example")
    page.get_by_role("link", name="Address", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Address")
    expect(page.locator("tbody tr").first).to_contain_text("a@sorted.example")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    assert re.fullmatch(r"sender-addresses-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    lines = download.value.path().read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "address", "a@sorted.example", "b@sorted.example",
    ]  # fmt: skip


def test_shift_ticks_a_range_and_the_head_shows_that_not_all_are_ticked(
    page: Page, stack: Stack
) -> None:
    make_waiting(stack, *(f"range{n}@x.example" for n in range(5)))
    log_in(page, stack)
    page.goto("/mail-log/?q=range")
    ticks = page.locator(".tick-cell input")
    ticks.nth(1).click()
    ticks.nth(3).click(modifiers=["Shift"])
    expect(page.locator(".tick-cell input:checked")).to_have_count(3)
    every = page.get_by_label("Tick all on this page")
    assert every.evaluate("box => box.indeterminate")
    every.check()
    expect(page.locator(".tick-cell input:checked")).to_have_count(5)


def test_ticked_addresses_are_suspended_in_the_dialog_and_without_javascript(
    page: Page, browser: Browser, stack: Stack
) -> None:
    for name in ("one", "two", "three"):
        make_sender(stack, f"{name}@ticked.example", "batch")
    log_in(page, stack)
    page.goto("/sender-addresses/?q=ticked.example")
    row_of(page, "one@ticked.example").get_by_role("checkbox").check()
    page.locator(".ticked-bar").get_by_role("button", name="Suspend").click()
    expect(dialog_of(page)).to_contain_text("Suspend 1 address?")
    dialog_of(page).get_by_role("button", name="Suspend").click()
    expect(row_of(page, "one@ticked.example")).to_contain_text("Suspended")
    context = browser.new_context(base_url=stack.web_url, java_script_enabled=False)
    plain = context.new_page()
    log_in(plain, stack)
    plain.goto("/sender-addresses/")
    plain.get_by_label("Search the sender addresses").fill("two@ticked")
    plain.get_by_role("button", name="Search").click()
    row_of(plain, "two@ticked.example").get_by_role("checkbox").check()
    plain.locator(".ticked-bar").get_by_role("button", name="Suspend").click()
    plain.get_by_role("button", name="Suspend").click()
    expect(plain.get_by_text("1 address is suspended.")).to_be_visible()
    context.close()
