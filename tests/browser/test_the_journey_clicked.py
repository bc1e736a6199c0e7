"""The journey of a newcomer, clicked: create, verify, set the password, submit, read."""

import re
import smtplib
import ssl
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clicking import choose, dialog_of, log_in, open_page, row_of
from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.journey]

SENDER, REPLY_TO = "welcome@example.com", "owner@example.org"
SUBJECT = "Submitted by an application"


def submit(stack: Stack, password: str) -> None:
    mail = EmailMessage()
    mail["From"] = f"Welcome <{SENDER}>"
    mail["To"] = "friend@example.net"
    mail["Subject"] = SUBJECT
    mail.set_content("It works, see http://example.net/hello")
    mail.add_alternative("<h1>It works</h1><script>document.title='ran'</script>", subtype="html")
    context = ssl.create_default_context(cafile=str(stack.var_dir / "tls" / "cert.pem"))
    with smtplib.SMTP_SSL("localhost", stack.smtps_port, context=context, timeout=20) as smtp:
        smtp.login(SENDER, password)
        smtp.send_message(mail)


def create(page: Page) -> None:
    open_page(page, "Sender Addresses")
    page.get_by_role("link", name="Create Sender Address").first.click()
    dialog = dialog_of(page)
    dialog.get_by_label("Sender address").fill("Welcome@Example")
    dialog.get_by_label("Reply-to address").fill(REPLY_TO)
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("The domain needs a dot")).to_be_visible()
    expect(dialog.get_by_label("Reply-to address")).to_have_value(REPLY_TO)
    keep_screenshot(page, "create-sender-address")
    dialog.get_by_label("Sender address").fill("Welcome@Example.com")
    dialog.get_by_role("radio", name=re.compile("^Trigger Mail")).check()
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=SENDER)).to_be_visible()
    expect(page.get_by_text(f"{SENDER} is created.")).to_be_visible()
    keep_screenshot(page, "sender-address-created")
    open_page(page, "Sender Addresses")
    expect(row_of(page, SENDER)).to_contain_text("Not verified")


def ask_for_proof(page: Page) -> None:
    choose(page, SENDER, "Verify the Return Address")
    expect(dialog_of(page)).to_contain_text(REPLY_TO)
    keep_screenshot(page, "verify-the-return-address")
    dialog_of(page).get_by_role("button", name="Send the mail").click()
    expect(row_of(page, SENDER)).to_contain_text("Mail sent")
    expect(row_of(page, SENDER)).to_contain_text(re.compile(r"\b9:\d\d\b"))
    choose(page, SENDER, "Verify the Return Address")
    expect(dialog_of(page)).to_contain_text("You can ask again at")
    page.keyboard.press("Escape")


def confirm_as_owner(mailbox: Page) -> None:
    """What the mailbox's owner does, in a window of their own."""
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


def set_password(page: Page) -> str:
    choose(page, SENDER, "Set SMTP Password")
    keep_screenshot(page, "set-smtp-password")
    page.get_by_role("button", name="Generate a password").click()
    shown = dialog_of(page).locator("[data-copy-text]").first
    expect(shown).to_be_visible()
    password = shown.inner_text().strip()
    dialog_of(page).locator("[data-copy]").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == password
    keep_screenshot(page, "smtp-password")
    dialog_of(page).get_by_role("link", name="Done").click()
    expect(row_of(page, SENDER)).to_contain_text("On")
    return password


def follow_in_mail_log(page: Page) -> None:
    open_page(page, "Mail Log")
    expect(page.get_by_role("heading", name="Mail Log")).to_be_visible()
    expect(page.get_by_text(SUBJECT)).to_be_visible()
    keep_screenshot(page, "mail-log")
    page.get_by_role("link", name=SUBJECT).first.click()
    expect(page.locator("main")).to_contain_text("Kept here", timeout=15_000)
    expect(page.locator("main")).to_contain_text("127.0.0.1")
    keep_screenshot(page, "mail")


def read_in_local_mailbox(page: Page) -> None:
    open_page(page, "Local Mailbox")
    expect(page.get_by_role("heading", name="Local Mailbox")).to_be_visible()
    keep_screenshot(page, "mailbox-list")
    page.get_by_role("link", name=SUBJECT).first.click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="It works")).to_be_visible()
    assert page.title() != "ran"
    keep_screenshot(page, "caught-mail")


def send_test_mail(page: Page) -> None:
    open_page(page, "Sender Addresses")
    keep_screenshot(page, "sender-addresses")
    choose(page, SENDER, "Send a test mail")
    expect(dialog_of(page)).to_contain_text(REPLY_TO)
    keep_screenshot(page, "test-mail")
    dialog_of(page).get_by_label("Recipient").fill("tester@example.net")
    dialog_of(page).get_by_role("button", name="Send").click()
    expect(page.locator("main")).to_contain_text("tester@example.net")


def test_a_newcomer_clicks_the_whole_way_round(page: Page, stack: Stack) -> None:
    log_in(page, stack)
    keep_screenshot(page, "overview-first")
    create(page)
    ask_for_proof(page)
    confirm_as_owner(page.context.new_page())
    # The row moves by itself.
    expect(row_of(page, SENDER)).to_contain_text("Verified", timeout=15_000)
    submit(stack, set_password(page))
    follow_in_mail_log(page)
    read_in_local_mailbox(page)
    send_test_mail(page)
    open_page(page, "Overview")
    keep_screenshot(page, "overview")
