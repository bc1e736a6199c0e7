"""What fails for good by the recipient's fault suppresses the recipient, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from senders.models import SoftBounce, Suppression
from smtp_gateway import queue
from smtp_gateway.models import RecipientFault
from smtp_gateway.queue import Outcome, OutcomeName
from smtp_gateway.suppressing.feeding import Failure, note_failure, suppress_failed
from tests.smtp_gateway.queued import enqueue, lease

pytestmark = pytest.mark.django_db
GONE = "550 5.1.1 No such user"
DAY = timedelta(days=1)


def failed(
    category: str,
    *,
    name: OutcomeName = "bounced",
    fault: str = "recipient",
    recipient: str = "Gone@example.net",
    **mail: object,
) -> str:
    """Records one failure as a relay does; the queue id of the mail."""
    queue_id = enqueue(recipient, **mail)
    relay_id = queue.register_relay(host="here", pid=1)
    (delivery,) = lease(relay_id)
    again = timezone.now() + DAY if name == "deferred" else None
    outcome = Outcome(
        delivery=delivery, name=name, at=timezone.now(), route="test", next_hop="mx.example.net",
        reply=GONE, reason_code="next-hop-refused-recipient", reason="x", category=category,
        fault=fault, next_attempt_at=again,
    )  # fmt: skip
    queue.record(relay_id=relay_id, outcomes=[outcome])
    return queue_id


def on_day(number: int, category: str = "mailbox-full") -> None:
    at = timezone.now() + (number - 60) * DAY
    note_failure(Failure("full@example.net", "app@example.com", "trigger", "", category, GONE, at))


def test_a_mailbox_that_does_not_exist_is_suppressed_for_everybody() -> None:
    queue_id = failed("no-such-mailbox")
    assert not suppress_failed()
    row = Suppression.objects.get()
    assert (row.target, row.scope, row.reason) == (
        "gone@example.net",
        "organisation",
        "hard-bounce",
    )
    assert (row.evidence, row.queue_id, row.caused_by) == (GONE, queue_id, "app@example.com")


def test_each_failure_counts_once() -> None:
    failed("no-such-mailbox")
    suppress_failed()
    suppress_failed()
    assert Suppression.objects.get().times == 1
    failed("no-such-mailbox")
    suppress_failed()
    assert Suppression.objects.get().times == 2
    assert not RecipientFault.objects.exists()


@pytest.mark.parametrize(
    ("category", "name", "fault"),
    [
        ("our-domain-blocked", "bounced", "us"),
        ("spam-content", "bounced", "content"),
        ("no-route", "bounced", "network"),
        ("mailbox-full", "deferred", "recipient"),
        ("no-such-mailbox", "deferred", "recipient"),
    ],
    ids=["us", "content", "network", "full for now", "unknown for now"],
)
def test_what_is_not_the_recipients_or_not_for_good_suppresses_nobody(
    category: str, name: OutcomeName, fault: str
) -> None:
    failed(category, name=name, fault=fault)
    suppress_failed()
    assert not RecipientFault.objects.exists()
    assert not Suppression.objects.exists()
    assert not SoftBounce.objects.exists()


def test_a_recipient_that_does_not_want_a_sender_gets_no_more_of_that_one() -> None:
    failed("recipient-does-not-want-it")
    suppress_failed()
    row = Suppression.objects.get()
    assert (row.scope, row.sender_address) == ("address", "app@example.com")


def test_directmails_own_mail_suppresses_nobody() -> None:
    failed("no-such-mailbox", origin="system")
    suppress_failed()
    assert not Suppression.objects.exists()
    assert not RecipientFault.objects.exists()


def test_a_full_mailbox_is_suppressed_on_its_third_day_for_a_week() -> None:
    for number in (0, 0, 0, 1):
        on_day(number)
    assert not Suppression.objects.exists()
    on_day(2)
    row = Suppression.objects.get()
    assert row.reason == "soft"
    assert row.expires_at == row.created_at + 7 * DAY


def test_each_time_again_takes_twice_as_long() -> None:
    for number in (0, 1, 2, 20, 21, 22, 50, 51, 52):
        on_day(number)
    rows = Suppression.objects.order_by("id")
    assert [row.expires_at - row.created_at for row in rows] == [7 * DAY, 14 * DAY, 28 * DAY]


def test_days_that_lie_far_apart_do_not_count_together() -> None:
    for number in (0, 20, 40, 60):
        on_day(number)
    assert not Suppression.objects.exists()


def test_a_category_that_nobody_knows_suppresses_nobody() -> None:
    note_failure(Failure("x@example.net", "", "", "", "never-heard-of", GONE, timezone.now()))
    assert not Suppression.objects.exists()


def test_many_are_worked_off_a_part_at_a_time() -> None:
    for number in range(5):
        failed("no-such-mailbox", recipient=f"gone{number}@example.net")
    assert suppress_failed(most=3)
    assert Suppression.objects.count() == 3
    assert not suppress_failed(most=3)
    assert Suppression.objects.count() == 5
