"""Somebody is invited, comes, and sets up two-factor: in a browser without JavaScript.

The last test is about what JavaScript adds.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import keep_screenshot
from tests.journeys.authenticator import code_of
from tests.journeys.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
INVITED = "viewer@example.com"


@pytest.fixture
def plain(browser: Browser, stack: Stack) -> Iterator[Page]:
    """A visitor's page without JavaScript."""
    context = browser.new_context(base_url=stack.web_url, java_script_enabled=False)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def log_in(page: Page, email: str, password: str) -> None:
    page.goto("/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()


def log_out(page: Page) -> None:
    page.goto("/logout/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()


def mailed_link(page: Page, subject: str) -> str:
    """The way to the page behind the link of that mail, which the relay has kept in the mailbox."""

    def mail_page() -> str | None:
        page.goto("/mailbox/")
        found = page.locator("a[href^='/mailbox/']", has_text=subject)
        return found.first.get_attribute("href") if found.count() else None

    path = wait_for(mail_page, seconds=60, what="the mail")
    source = page.request.get(f"{path}source/").text().replace("=\n", "").replace("=\r\n", "")
    found = re.search(r"/(?:invitation|account/password/forgotten)/[\w:./-]+/", source)
    assert found, source
    return found[0]


def test_a_viewer_is_invited_comes_and_changes_nothing(plain: Page, stack: Stack) -> None:
    log_in(plain, stack.operator_email, stack.operator_password)
    plain.goto("/people/invite/")
    plain.get_by_label("E-mail address").fill(INVITED)
    plain.get_by_role("radio", name=re.compile("^Viewer")).check()
    plain.get_by_role("button", name="Send the invitation").click()
    expect(plain.get_by_text(f"A mail with the invitation goes to {INVITED}.")).to_be_visible()
    link = mailed_link(plain, "invites you to DirectMail")
    log_out(plain)
    plain.goto(link)
    keep_screenshot(plain, "invitation")
    plain.get_by_label("Password", exact=True).fill(PASSWORD)
    plain.get_by_label("Password, once more").fill(PASSWORD)
    plain.get_by_role("button", name="Make my account").click()
    expect(plain.get_by_role("heading", name="Overview")).to_be_visible()
    plain.goto("/sender-addresses/")
    expect(plain.get_by_role("link", name="Create Sender Address")).to_have_count(0)
    answer = plain.goto("/sender-addresses/create/")
    assert answer is not None
    assert answer.status == 403
    plain.goto(link)
    expect(plain.get_by_role("heading", name="This invitation is accepted already")).to_be_visible()


def test_two_factor_is_set_up_and_asked_for(plain: Page, stack: Stack) -> None:
    email = "factor@example.com"
    made = stack.manage("create_operator", email, "--password-stdin", typed=PASSWORD)
    assert made.returncode == 0, made.stderr
    log_in(plain, email, PASSWORD)
    plain.goto("/account/")
    plain.get_by_role("link", name="Set up an authenticator app").click()
    key = plain.locator("[data-copy-text]").inner_text().strip()
    plain.get_by_label("Code from the app").fill(code_of(key))
    plain.get_by_role("button", name="Set it up").click()
    expect(plain.get_by_role("heading", name="Recovery codes")).to_be_visible()
    code = plain.get_by_role("list", name="Unused codes").locator("code").first.inner_text()
    log_out(plain)
    log_in(plain, email, PASSWORD)
    expect(plain.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    plain.get_by_label("Code").fill(code)
    plain.get_by_role("button", name="Log in", exact=True).click()
    expect(plain.get_by_role("heading", name="Overview")).to_be_visible()
    plain.goto("/account/")
    expect(plain.get_by_text("9 left")).to_be_visible()
    keep_screenshot(plain, "account")


def test_a_forgotten_password_is_set_anew(plain: Page, stack: Stack) -> None:
    email = "forgetful@example.com"
    stack.manage("create_operator", email, "--password-stdin", typed=PASSWORD)
    plain.goto("/login/")
    plain.get_by_role("link", name="Forgot your password?").click()
    plain.get_by_label("E-mail address").fill(email)
    plain.get_by_role("button", name="Send the mail").click()
    expect(plain.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    log_in(plain, stack.operator_email, stack.operator_password)
    link = mailed_link(plain, "Set another password")
    log_out(plain)
    plain.goto(link)
    plain.get_by_label("New password", exact=True).fill("another horse battery")
    plain.get_by_label("New password, once more").fill("another horse battery")
    plain.get_by_role("button", name="Set the password").click()
    expect(plain.get_by_role("heading", name="Your password is set")).to_be_visible()
    log_in(plain, email, "another horse battery")
    expect(plain.get_by_role("heading", name="Overview")).to_be_visible()


def test_the_browsers_time_zone_is_proposed(browser: Browser, stack: Stack) -> None:
    email = "zoned@example.com"
    stack.manage("create_operator", email, "--password-stdin", typed=PASSWORD)
    context = browser.new_context(base_url=stack.web_url, timezone_id="Asia/Shanghai")
    context.set_default_timeout(15_000)
    page = context.new_page()
    log_in(page, email, PASSWORD)
    page.goto("/account/preferences/")
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Shanghai")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your preferences are saved.")).to_be_visible()
    expect(page.get_by_text("Asia/Shanghai")).to_be_visible()
    page.goto("/account/preferences/")
    expect(page.get_by_role("button", name="Take it")).to_be_hidden()
    context.close()
