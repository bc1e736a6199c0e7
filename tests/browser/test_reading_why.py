"""Finding a bounced mail in Chromium, and reading why it bounced."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.clicking import log_in, row_of
from tests.browser.conftest import keep_screenshot
from tests.journeys.stack import Stack

pytestmark = pytest.mark.browser

# A mail in the hand of a relay that this makes up, so that the running one leaves it alone.
_BOUNCE = """
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from smtp_gateway import queue
from smtp_gateway.models import Delivery
from smtp_gateway.queue_id import new_queue_id
from smtp_gateway.relay.kept_dialogues import kept_transcripts
from smtp_gateway.relay.reply import Reply
from smtp_gateway.relay_transcripts.notes import Dialogue, Event, Opening
now = timezone.now()
with transaction.atomic():
    queue_id = new_queue_id()
    queue.accept([queue.Submission(
        queue_id=queue_id, origin="console", mail_type="trigger", subject="Your ticket",
        sender_address="app@example.com", mail_from="app@example.com",
        recipients=["lost@why.example"], accepted_at=now, expires_at=now + timedelta(days=2),
        content=b"From: app@example.com\\r\\nSubject: Your ticket\\r\\n\\r\\nRow 7, seat 12.\\r\\n",
    )])
    relay_id = queue.register_relay(host="made.up", pid=1)
    row = Delivery.objects.select_related("message").get(message__queue_id=queue_id)
    Delivery.objects.filter(pk=row.pk).update(state="leased", leased_by=relay_id)
    leased = queue.LeasedDelivery(
        row.pk, row.message_id, queue_id, "console", "trigger", "app@example.com", row.recipient,
        "", 0, 80, False, False, row.message.expires_at)
    opening = Opening([(1.0, Event("connecting", "mx.why.example:25")), (1.1, Reply(220, ("Hi",)))])
    said = Dialogue(opening, 2.0, 1, [
        (2.0, "RCPT TO:<lost@why.example>"), (2.1, Reply(550, ("5.1.1 No such user here",)))])
    outcome = queue.Outcome(
        leased, "bounced", now, "Out", "mx.why.example:25", reply="550 5.1.1 No such user here",
        reason_code="next-hop-refused-recipient", category="no-such-mailbox", fault="recipient",
        reason="mx.why.example:25 refused this recipient: 550 5.1.1 No such user here",
        tls_result="none", duration_ms=110, dialogue=said)
    queue.record(
        relay_id=relay_id, outcomes=[outcome], transcripts=kept_transcripts([outcome]))
    queue.sign_off(relay_id=relay_id)
"""


def test_a_bounced_mail_is_found_and_says_why(page: Page, stack: Stack) -> None:
    made = stack.manage("shell", "-v", "0", "-c", _BOUNCE)
    assert made.returncode == 0, made.stderr
    log_in(page, stack)
    page.goto("/mail-log/?q=lost@why.example")
    row_of(page, "lost@why.example").get_by_role("link", name="Your ticket").click()
    expect(page.get_by_role("heading", name="Your ticket")).to_be_visible()
    main = page.get_by_role("main")
    expect(main.get_by_text("Attempt 1: refused for good")).to_be_visible()
    expect(main.get_by_text("The recipient's mailbox does not exist.")).to_be_visible()
    page.get_by_text("What DirectMail and the next hop said").click()
    expect(main.get_by_text("RCPT TO:<lost@why.example>")).to_be_visible()
    keep_screenshot(page, "mail-bounced")
    page.get_by_role("link", name="Contents").click()
    expect(main.get_by_text("Row 7, seat 12.")).to_be_visible()
