"""A recipient leaves a newsletter by its link, and the next mail is refused at RCPT."""

import re
import smtplib
import ssl
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import log_in, open_page
from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.journey]

SENDER, READER, OTHER = "news@example.com", "reader@example.net", "other@example.net"
PASSWORD, SUBJECT = "Aa12Bb34Cc56", "What is new in our shop"
PATIENCE = 60
PHONE = {"width": 375, "height": 812}


def newsletter(*recipients: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, ", ".join(recipients), SUBJECT
    mail.set_content("Much is new.")
    return mail


def submit(stack: Stack, *recipients: str) -> dict[str, tuple[int, bytes]]:
    """The refused recipients, each with the reply."""
    context = ssl.create_default_context(cafile=str(stack.var_dir / "tls" / "cert.pem"))
    with smtplib.SMTP_SSL("localhost", stack.smtps_port, context=context, timeout=PATIENCE) as smtp:
        smtp.login(SENDER, PASSWORD)
        return smtp.send_message(newsletter(*recipients), SENDER, list(recipients))


def refusal_in_time(stack: Stack) -> tuple[int, bytes]:
    """Each gateway hears of it within seconds."""
    refused = wait_for(
        lambda: submit(stack, READER, OTHER), seconds=PATIENCE, what="the recipient is refused"
    )
    assert refused.keys() == {READER}
    return refused[READER]


def open_the_link(page: Page) -> str:
    """The page behind the link of the mail in the local mailbox."""
    open_page(page, "Local Mailbox")
    page.get_by_role("link", name=SUBJECT).first.click()
    added = page.get_by_role("region", name="Added for each recipient")
    expect(added).to_contain_text("List-Unsubscribe")
    keep_screenshot(page, "caught-batch-mail")
    link = added.get_by_role("link", name="Open the page behind the link").get_attribute("href")
    assert link
    return link


def test_a_recipient_leaves_by_the_link_and_is_refused_at_the_next_rcpt(
    page: Page, stack: Stack, browser: Browser
) -> None:
    stack.manage("create_sender_address", SENDER, "--mail-type", "batch")
    stack.manage("set_smtp_password", SENDER, "--password-stdin", typed=PASSWORD)
    assert submit(stack, READER, OTHER) == {}
    log_in(page, stack)
    reload_until_kept(page)
    link = open_the_link(page)

    # The reader, on a phone and without JavaScript.
    reader = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    reader.goto(link)
    expect(reader.get_by_role("heading", name="Stop these mails?")).to_be_visible()
    expect(reader.locator("main")).to_contain_text(READER)
    keep_screenshot(reader, "opt-out")
    assert submit(stack, READER) == {}
    reader.get_by_role("button", name="Stop these mails").click()
    expect(reader.get_by_role("heading", name="Done: these mails stop")).to_be_visible()
    keep_screenshot(reader, "opted-out")
    code, text = refusal_in_time(stack)
    assert (code, text[:5]) == (550, b"5.7.1")

    reader.get_by_role("button", name=re.compile("That was a mistake")).click()
    expect(reader.get_by_role("heading", name="You get these mails again")).to_be_visible()
    reader.context.close()


def reload_until_kept(page: Page) -> None:
    open_page(page, "Local Mailbox")

    def is_there() -> bool:
        page.reload()
        return page.get_by_role("link", name=SUBJECT).count() > 0

    wait_for(is_there, seconds=PATIENCE, what="the mail is in the local mailbox")
