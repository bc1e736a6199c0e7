"""The journey of a newcomer, clicked: create, verify, set the password, submit, read."""

import re
import smtplib
import ssl
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.journey]

SENDER, REPLY_TO = "welcome@example.com", "owner@example.org"


def log_in(page: Page, stack: Stack) -> None:
    page.goto("/login/")
    page.get_by_label(re.compile("e-mail", re.I)).fill(stack.operator_email)
    page.get_by_label("Password").fill(stack.operator_password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def choose(page: Page, action: str) -> None:
    """An action from the menu of the sender address's row."""
    row = page.locator("tr", has_text=SENDER)
    row.locator("summary").click()
    row.locator("details").get_by_role("link", name=action, exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def submit(stack: Stack, password: str) -> None:
    mail = EmailMessage()
    mail["From"] = f"Welcome <{SENDER}>"
    mail["To"] = "friend@example.net"
    mail["Subject"] = "Submitted by an application"
    mail.set_content("It works, see http://example.net/hello")
    mail.add_alternative("<h1>It works</h1><script>document.title='ran'</script>", subtype="html")
    context = ssl.create_default_context(cafile=str(stack.var_dir / "tls" / "cert.pem"))
    with smtplib.SMTP_SSL("localhost", stack.smtps_port, context=context, timeout=20) as smtp:
        smtp.login(SENDER, password)
        smtp.send_message(mail)


def test_a_newcomer_clicks_the_whole_way_round(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    keep_screenshot(page, "overview-first")

    # Create
    page.get_by_role("navigation").get_by_role("link", name="Sender Addresses").click()
    page.get_by_role("link", name="Create Sender Address").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Sender address").fill("Welcome@Example")
    dialog.get_by_label("Reply-to address").fill(REPLY_TO)
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("The domain needs a dot")).to_be_visible()
    expect(dialog.get_by_label("Reply-to address")).to_have_value(REPLY_TO)
    keep_screenshot(page, "create-sender-address")
    dialog.get_by_label("Sender address").fill("Welcome@Example.com")
    dialog.get_by_role("radio", name=re.compile("^Trigger Mail")).check()
    dialog.get_by_role("button", name="Create").click()
    row = page.locator("tr", has_text=SENDER)
    expect(row).to_contain_text("Not verified")

    # Verify the Return Address
    choose(page, "Verify the Return Address")
    expect(page.get_by_role("dialog")).to_contain_text(REPLY_TO)
    keep_screenshot(page, "verify-the-return-address")
    page.get_by_role("dialog").get_by_role("button", name="Send the mail").click()
    expect(row).to_contain_text("Mail sent")
    expect(row).to_contain_text(re.compile(r"\b9:\d\d\b"))
    choose(page, "Verify the Return Address")
    expect(page.get_by_role("dialog")).to_contain_text("You can ask again at")
    page.keyboard.press("Escape")

    # The mailbox's owner, in a window of their own
    mailbox = page.context.new_page()
    mailbox.goto("/mailbox/")
    mailbox.get_by_role("link", name=re.compile("Confirm that replies")).first.click()
    mailbox.goto(mailbox.url.split("?")[0] + "?view=text")
    keep_screenshot(mailbox, "local-mailbox")
    with mailbox.context.expect_page() as opened:
        mailbox.locator('main a[href*="/verify/"]').first.click()
    proof = opened.value
    expect(proof.get_by_text(SENDER)).to_be_visible()
    keep_screenshot(proof, "verification-link")
    proof.get_by_role("button", name="Confirm").click()
    expect(proof.get_by_role("heading")).to_contain_text("verified")
    # The row moves by itself.
    expect(row).to_contain_text(re.compile(r"Verified"), timeout=15_000)

    # Set SMTP Password
    choose(page, "Set SMTP Password")
    page.get_by_role("button", name="Generate a password").click()
    shown = page.get_by_role("dialog").locator("[data-copy-text]").first
    expect(shown).to_be_visible()
    password = shown.inner_text().strip()
    page.get_by_role("dialog").locator("[data-copy]").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == password
    keep_screenshot(page, "smtp-password")
    page.get_by_role("dialog").get_by_role("link", name="Done").click()
    expect(row).to_contain_text("On")

    # Submit, and read what arrived
    submit(stack, password)
    page.get_by_role("navigation").get_by_role("link", name="Mail Log").click()
    expect(page.get_by_role("heading", name="Mail Log")).to_be_visible()
    expect(page.get_by_text("Submitted by an application")).to_be_visible()
    keep_screenshot(page, "mail-log")
    page.get_by_role("link", name=re.compile("Submitted by an application|friend@")).first.click()
    expect(page.locator("main")).to_contain_text("Kept here")
    expect(page.locator("main")).to_contain_text("127.0.0.1")
    keep_screenshot(page, "mail")
    page.get_by_role("navigation").get_by_role("link", name="Local Mailbox").click()
    page.get_by_role("link", name=re.compile("Submitted by an application")).first.click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="It works")).to_be_visible()
    assert page.title() != "ran"
    keep_screenshot(page, "caught-mail")

    # A test mail carries the proven reply-to
    page.get_by_role("navigation").get_by_role("link", name="Sender Addresses").click()
    keep_screenshot(page, "sender-addresses")
    choose(page, "Send a test mail")
    expect(page.get_by_role("dialog")).to_contain_text(REPLY_TO)
    keep_screenshot(page, "test-mail")
    page.get_by_role("dialog").get_by_label("Recipient").fill("tester@example.net")
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    page.get_by_role("navigation").get_by_role("link", name="Overview").click()
    keep_screenshot(page, "overview")
