"""Setting up routes and testing one, clicked; with and without JavaScript."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import dialog_of, log_in, open_page, row_of
from tests.browser.conftest import keep_screenshot
from tests.browser.test_smtp_sessions import PHONE, no_wider_than_the_screen
from tests.journeys.stack import Stack
from tests.smtp_gateway.relay.next_hop import HANG, ScriptedHop
from tests.smtp_gateway.routes.hop_thread import served

pytestmark = pytest.mark.browser

PASSWORD = "the-smarthost-password-1"


@pytest.fixture
def hop() -> Iterator[ScriptedHop]:
    with served(ScriptedHop(users={"shop": PASSWORD})) as hop:
        yield hop


@pytest.fixture
def plain_page(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A page in a browser without JavaScript."""
    context = browser.new_context(base_url=stack.web_url, java_script_enabled=False)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def add_smarthost(page: Page, name: str, hop: ScriptedHop, password: str = PASSWORD) -> None:
    open_page(page, "Routes")
    page.get_by_role("link", name="Add Route").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("textbox", name="Host").fill("127.0.0.1")
    page.get_by_role("textbox", name="Port").fill(str(hop.port))
    page.get_by_label("Protection").select_option("when-offered")
    page.locator("#id_user").fill("shop")
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="Add Route").click()
    expect(row_of(page, name)).to_contain_text("logs in as shop")


def add_to_mailbox(page: Page, name: str, domain: str) -> None:
    page.get_by_role("link", name="Add Route").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("radio", name=re.compile("^Local mailbox")).check()
    expect(page.locator("#id_host")).to_be_hidden()
    expect(page.get_by_label("Most connections")).to_be_hidden()
    page.get_by_label("Recipient domains").fill(domain)
    page.get_by_role("button", name="Add Route").click()
    expect(row_of(page, name)).to_contain_text("Stays in the local mailbox")


def names_of(page: Page) -> list[str]:
    return page.locator(".route-link").all_inner_texts()


def remove(page: Page, *names: str) -> None:
    open_page(page, "Routes")
    for name in names:
        row_of(page, name).locator("summary").click()
        row_of(page, name).get_by_role("link", name="Delete").click()
        dialog_of(page).get_by_role("button", name="Delete").click()
        expect(page.locator(".route-link", has_text=name)).to_have_count(0)


def test_routes_are_added_ordered_and_switched(page: Page, stack: Stack, hop: ScriptedHop) -> None:
    log_in(page, stack)
    add_smarthost(page, "Smarthost", hop)
    add_to_mailbox(page, "Trials", "example.org")
    trials = row_of(page, "Trials")
    expect(trials).to_contain_text("Smarthost takes everything before it")
    page.get_by_role("button", name="Move Trials up").click()
    expect(page.locator(".route-link").first).to_have_text("Trials")
    expect(page.get_by_text("The route Trials moved up.")).to_be_visible()
    expect(trials).not_to_contain_text("takes everything before it")
    trials.get_by_role("button", name="Switch off").click()
    expect(trials.locator(".badge")).to_have_text(re.compile("Off"))
    trials.get_by_role("button", name="Switch on").click()
    expect(trials.locator(".badge")).to_have_text(re.compile("On"))
    keep_screenshot(page, "routes")
    page.set_viewport_size(PHONE)
    no_wider_than_the_screen(page)
    keep_screenshot(page, "routes-phone")
    remove(page, "Smarthost", "Trials")
    expect(page.get_by_text("There are no routes yet")).to_be_visible()


def test_a_refused_log_in_is_seen_and_put_right(page: Page, stack: Stack, hop: ScriptedHop) -> None:
    log_in(page, stack)
    add_smarthost(page, "Provider", hop, password="mistyped-password")
    row_of(page, "Provider").locator("summary").click()
    row_of(page, "Provider").get_by_role("link", name="Test this route").click()
    page.get_by_label("Recipient").fill("anna@example.org")
    page.get_by_role("button", name="Test now").click()
    finding = page.locator(".finding")
    expect(finding).to_contain_text("Log-in refused")
    expect(page.locator(".dialogue")).to_contain_text(re.compile(r"AUTH PLAIN \[\d+ bytes\]"))
    expect(page.locator("main")).not_to_contain_text("mistyped-password")
    expect(page.get_by_text("The test runs, for 30 seconds")).to_be_hidden()
    keep_screenshot(page, "route-test-refused")
    page.get_by_role("link", name="Edit").click()
    expect(page.locator("#id_password")).to_have_value("")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Provider").click()
    page.get_by_role("link", name="Test this route").click()
    page.get_by_label("Recipient").fill("anna@example.org")
    page.get_by_role("button", name="Test now").click()
    expect(finding).to_contain_text("It would take mail to anna@example.org.")
    expect(page.get_by_role("button", name="Test again")).to_be_visible()
    keep_screenshot(page, "route-test")
    page.set_viewport_size(PHONE)
    no_wider_than_the_screen(page)
    remove(page, "Provider")


def test_lines_are_shown_while_the_server_still_thinks(page: Page, stack: Stack) -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if verb == "MAIL" else None

    log_in(page, stack)
    with served(ScriptedHop(script, users={"shop": PASSWORD})) as hop:
        add_smarthost(page, "Thoughtful", hop)
        page.get_by_role("link", name="Thoughtful").click()
        page.get_by_role("link", name="Test this route").click()
        page.get_by_label("Recipient").fill("anna@example.org")
        page.get_by_role("button", name="Test now").click(no_wait_after=True)
        expect(page.locator(".said").last).to_contain_text("MAIL FROM:")
        expect(page.get_by_text("The test runs, for 30 seconds")).to_be_visible()
        expect(page.locator(".finding")).to_have_count(0)
        expect(page.locator(".finding")).to_contain_text("No answer in time")
    remove(page, "Thoughtful")


def test_everything_works_without_javascript(
    plain_page: Page, stack: Stack, hop: ScriptedHop
) -> None:
    page = plain_page
    log_in(page, stack)
    add_smarthost(page, "Plain", hop)
    add_to_mailbox(page, "Plain trials", "example.org")
    page.get_by_role("button", name="Move Plain trials up").click()
    expect(page.get_by_text("The route Plain trials moved up.")).to_be_visible()
    assert names_of(page) == ["Plain trials", "Plain"]
    row_of(page, "Plain trials").get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("The route Plain trials is off.")).to_be_visible()
    page.get_by_role("link", name="Plain", exact=True).click()
    page.get_by_role("link", name="Test this route").click()
    page.get_by_role("button", name="Test now").click()
    expect(page.locator(".finding")).to_contain_text("This route works")
    for name in ("Plain trials", "Plain"):
        open_page(page, "Routes")
        link = page.get_by_role("link", name=name, exact=True).get_attribute("href")
        page.goto(f"{link}delete/")
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_text(f"The route {name} is deleted.")).to_be_visible()
