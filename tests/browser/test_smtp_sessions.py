"""From an application that cannot send to the sentence that says why, clicked."""

import re
import smtplib
import ssl

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clicking import choose, dialog_of, log_in, open_page, row_of
from tests.browser.conftest import keep_screenshot
from tests.browser.test_small_things import make_sender
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser

SENDER = "orders@example.com"
PASSWORD, WRONG_PASSWORD = "Aa12Bb34Cc56", "Aa12Bb34Cc57"
PHONE = {"width": 390, "height": 844}


def set_password(page: Page) -> None:
    choose(page, SENDER, "Set SMTP Password")
    dialog_of(page).get_by_label("Password", exact=True).fill(PASSWORD)
    dialog_of(page).get_by_role("button", name="Use this password").click()
    expect(row_of(page, SENDER)).to_contain_text("Never used")


def application(stack: Stack) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=str(stack.var_dir / "tls" / "cert.pem"))
    smtp = smtplib.SMTP("localhost", stack.smtp_port, "shop.example.com", timeout=20)
    smtp.starttls(context=context)
    return smtp


def fail_to_log_in(stack: Stack) -> None:
    with application(stack) as smtp, pytest.raises(smtplib.SMTPAuthenticationError):
        smtp.login(SENDER, WRONG_PASSWORD)


def submit(stack: Stack) -> None:
    with application(stack) as smtp:
        smtp.login(SENDER, PASSWORD)
        mail = f"From: Orders <{SENDER}>\r\nSubject: Your order\r\n\r\nIt is on its way.\r\n"
        smtp.sendmail(SENDER, ["anna@example.net"], mail)


def lost_in_the_clear(stack: Stack) -> None:
    with smtplib.SMTP("localhost", stack.smtp_port, "old.example.com", timeout=20) as smtp:
        smtp.ehlo()
        assert smtp.docmd("MAIL", "FROM:<nobody@example.com>")[0] == 530


def no_wider_than_the_screen(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_refused_log_in_is_found_and_understood(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    make_sender(page, SENDER)
    set_password(page)
    fail_to_log_in(stack)
    choose_sessions(page)
    link = page.get_by_role("link", name=SENDER)
    expect(page.get_by_text("No session found").or_(link).first).to_be_visible()
    wait_for_session(page, "Log-in refused")
    link.first.click()
    expect(page.get_by_role("heading", name="Log-in refused")).to_be_visible()
    main = page.locator("main")
    expect(main).to_contain_text("The password was none of those of")
    expect(main).to_contain_text(re.compile(r"AUTH PLAIN \[\d+ bytes\]"))
    expect(main).to_contain_text("535 5.7.8 User name or password refused")
    expect(main).not_to_contain_text(WRONG_PASSWORD)
    keep_screenshot(page, "smtp-session-refused")
    page.get_by_role("link", name="Add a password").click()
    expect(dialog_of(page)).to_contain_text(SENDER)
    page.keyboard.press("Escape")
    submit(stack)
    lost_in_the_clear(stack)
    open_page(page, "SMTP Sessions")
    wait_for_session(page, "Sent")
    wait_for_session(page, "No TLS")
    keep_screenshot(page, "smtp-sessions")
    page.get_by_label("Outcome").select_option("refused")
    expect(page.get_by_text("1 mail accepted")).to_have_count(0)
    expect(page).to_have_url(re.compile("show=refused"))
    page.get_by_label("Sender address").select_option("nobody")
    expect(page.get_by_role("link", name=SENDER)).to_have_count(0)
    page.goto("/smtp-sessions/")
    page.locator("tr", has_text="1 mail accepted").get_by_role("link", name=SENDER).click()
    keep_screenshot(page, "smtp-session-sent")
    page.get_by_role("link", name="Show the mail").click()
    page.get_by_role("link", name="The whole session").click()
    expect(page.get_by_role("heading", name="What was said")).to_be_visible()


def test_the_pages_fit_a_phone(page: Page, stack: Stack) -> None:
    lost_in_the_clear(stack)
    page.set_viewport_size(PHONE)
    log_in(page, stack)
    open_page(page, "SMTP Sessions")
    wait_for_session(page, "No TLS")
    no_wider_than_the_screen(page)
    keep_screenshot(page, "smtp-sessions-phone")
    page.get_by_role("link", name="No sender address").first.click()
    expect(page.get_by_role("heading", name="What was said")).to_be_visible()
    no_wider_than_the_screen(page)
    keep_screenshot(page, "smtp-session-phone")
    page.get_by_text("As plain text").click()
    no_wider_than_the_screen(page)
    page.get_by_text("As plain text").scroll_into_view_if_needed()
    keep_screenshot(page, "smtp-session-phone-end")


def choose_sessions(page: Page) -> None:
    row = row_of(page, SENDER)
    row.locator("summary").click()
    row.locator("details").get_by_role("link", name="SMTP sessions").click()
    expect(page.get_by_role("heading", name="SMTP Sessions")).to_be_visible()


def wait_for_session(page: Page, outcome: str) -> None:
    """Reloads until it is there: sessions are written down every two seconds."""
    for _ in range(100):
        if page.locator(".badge", has_text=re.compile(rf"^\s*{outcome}")).count():
            return
        page.wait_for_timeout(100)
        page.reload()
    pytest.fail(f"no session with the outcome {outcome!r}")
