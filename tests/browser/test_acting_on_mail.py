"""Acting on mail by hand: ticking, asking, and what the page says afterwards."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clicking import dialog_of, log_in, open_page, row_of
from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser

# Mail that waits for tomorrow: the relay of the running stack leaves it alone.
_MAKE_MAIL = """
from datetime import timedelta
from django.utils import timezone
from smtp_gateway import queue
from smtp_gateway.models import Delivery
from smtp_gateway.queue_id import new_queue_id
now = timezone.now() + timedelta(days=1)
queue.accept([queue.Submission(
    queue_id=new_queue_id(), origin="console", mail_type="batch", subject="A mail",
    sender_address="news@example.com", mail_from="news@example.com", recipients={recipients},
    content=b"Subject: x\\r\\n\\r\\nx\\r\\n", accepted_at=now, expires_at=now + timedelta(days=2),
)])
"""
_DEFER = """
from smtp_gateway.models import Delivery
from datetime import timedelta
from django.utils import timezone
Delivery.objects.filter(recipient__in={recipients}, state="queued").update(
    next_attempt_at=timezone.now() + timedelta(hours=5), attempt_count=1,
    reason_code="mailbox-full", reason="The mailbox is full.")
"""


def make_waiting(stack: Stack, *recipients: str) -> None:
    """One mail whose recipients all wait; in one transaction, so that no relay comes first."""
    code = _MAKE_MAIL + _DEFER
    code = code.replace("{recipients}", repr(list(recipients)))
    wrapped = "from django.db import transaction\nwith transaction.atomic():\n" + "\n".join(
        f"    {line}" for line in code.splitlines()
    )
    made = stack.manage("shell", "-v", "0", "-c", wrapped)
    assert made.returncode == 0, made.stderr


def tick(page: Page, recipient: str) -> None:
    row_of(page, recipient).get_by_role("checkbox").check()


def test_ticked_mails_are_cancelled_in_the_dialog(page: Page, stack: Stack) -> None:
    make_waiting(stack, "t1@x.example", "t2@x.example", "t3@x.example")
    log_in(page, stack)
    page.goto("/mail-log/?q=t")
    bar = page.locator(".ticked-bar")
    expect(bar).to_be_hidden()
    tick(page, "t1@x.example")
    tick(page, "t3@x.example")
    expect(bar).to_be_visible()
    keep_screenshot(page, "mail-log-ticked")
    bar.get_by_role("button", name="Cancel mail").click()
    expect(dialog_of(page)).to_contain_text("Cancel the mail to 2 recipients?")
    dialog_of(page).get_by_role("link", name="Back").click()
    expect(dialog_of(page)).to_be_hidden()
    bar.get_by_role("button", name="Cancel mail").click()
    dialog_of(page).get_by_role("button", name="Cancel mail").click()
    expect(page.get_by_text("The mail to 2 recipients is cancelled.")).to_be_visible()
    for recipient, state in (("t1", "Cancelled"), ("t2", "Deferred"), ("t3", "Cancelled")):
        expect(row_of(page, f"{recipient}@x.example")).to_contain_text(state)
    expect(page).to_have_url(f"{stack.web_url}/mail-log/?q=t")


def test_all_rows_are_ticked_at_once_and_let_go_again(page: Page, stack: Stack) -> None:
    make_waiting(stack, "all1@x.example", "all2@x.example")
    log_in(page, stack)
    page.goto("/mail-log/?q=all")
    page.get_by_label("Tick all on this page").check()
    expect(page.locator(".tick-cell input:checked")).to_have_count(2)
    page.get_by_label("Tick all on this page").uncheck()
    expect(page.locator(".ticked-bar")).to_be_hidden()


def test_all_that_is_found_is_retried(page: Page, stack: Stack) -> None:
    make_waiting(stack, "found1@x.example", "found2@x.example")
    log_in(page, stack)
    open_page(page, "Mail Log")
    page.get_by_label("Search the mail log").fill("found")
    expect(page.get_by_text("Act on all found")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_text("Act on all found").click()
    page.get_by_role("link", name="Retry now").click()
    dialog_of(page).get_by_role("button", name="Retry now").click()
    expect(page.get_by_text("The mail to 2 recipients is due now.")).to_be_visible()


def test_a_cancelled_mail_is_sent_again_from_its_page(page: Page, stack: Stack) -> None:
    make_waiting(stack, "again@x.example")
    log_in(page, stack)
    page.goto("/mail-log/?q=again")
    row_of(page, "again@x.example").get_by_role("link").first.click()
    page.get_by_role("link", name="Cancel mail").click()
    dialog_of(page).get_by_role("button", name="Cancel mail").click()
    expect(page.get_by_text("Cancelled by").first).to_be_visible()
    first = page.url
    page.get_by_role("link", name="Send again").click()
    expect(dialog_of(page)).to_contain_text("Send the mail to again@x.example again?")
    dialog_of(page).get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Sent again by hand; the original is")).to_be_visible()
    assert page.url != first
    page.get_by_text("Sent again by hand; the original is").get_by_role("link").click()
    expect(page).to_have_url(first)
    expect(page.get_by_text("The new mail is")).to_be_visible()
    page.goto("/mail-log/actions/")
    expect(page.locator("tbody tr").first).to_contain_text("Send again")
    expect(page.locator("tbody tr").first).to_contain_text(stack.operator_email)


def test_everything_works_without_javascript(browser: Browser, stack: Stack) -> None:
    make_waiting(stack, "plain1@x.example", "plain2@x.example")
    context = browser.new_context(base_url=stack.web_url, java_script_enabled=False)
    page = context.new_page()
    log_in(page, stack)
    page.goto("/mail-log/?q=plain")
    tick(page, "plain2@x.example")
    page.locator(".ticked-bar").get_by_role("button", name="Cancel mail").click()
    expect(page.get_by_role("heading", name="Cancel the mail to plain2@x.example?")).to_be_visible()
    page.get_by_role("button", name="Cancel mail").click()
    expect(page.get_by_text("The mail to plain2@x.example is cancelled.")).to_be_visible()
    expect(row_of(page, "plain2@x.example")).to_contain_text("Cancelled")
    expect(page).to_have_url(f"{stack.web_url}/mail-log/?q=plain")
    context.close()
