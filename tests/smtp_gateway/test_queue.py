"""The queue keeps all of a mail or nothing of it, and gives each delivery to one relay."""

import asyncio
from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.dsn import MailDsn, RecipientDsn
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.models import Delivery, Message, MessageContent
from tests.smtp_gateway.queued import CONTENT, enqueue, lease, make_submission, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def relay_id() -> int:
    return queue.register_relay(host="here", pid=1)


def test_an_accepted_mail_is_kept_with_its_bytes_and_every_recipient() -> None:
    content = bytes(range(256)) * 10
    submission = make_submission(
        "a@x.test",
        "b@x.test",
        content=content,
        mail_type="batch",
        subject="Grüße",
        message_id="<1@x>",
        client=queue.Client(ip="2001:db8::1", name="client.test", tls="TLSv1.3", session_id="S1"),
    )
    queue.accept([submission])
    message = Message.objects.get(queue_id=submission.queue_id)
    assert bytes(message.content.body) == content
    assert (message.subject, message.client_ip, message.session_id, message.size_bytes) == (
        "Grüße",
        "2001:db8::1",
        "S1",
        2560,
    )
    deliveries = message.deliveries.order_by("recipient")
    assert list(deliveries.values_list("recipient", "lane", "state", "attempt_count")) == [
        ("a@x.test", "paced", "queued", 0),
        ("b@x.test", "paced", "queued", 0),
    ]


def test_what_was_asked_about_reports_is_kept_and_goes_to_the_relay(relay_id: int) -> None:
    asked = {"b@x.test": RecipientDsn("NEVER", "rfc822;b+2B@x.test")}
    enqueue("a@x.test", "b@x.test", dsn=MailDsn("HDRS", "42"), recipient_dsn=asked)
    enqueue("c@x.test")
    assert [(leased.recipient, leased.dsn, leased.recipient_dsn) for leased in lease(relay_id)] == [
        ("a@x.test", MailDsn("HDRS", "42"), RecipientDsn()),
        ("b@x.test", MailDsn("HDRS", "42"), RecipientDsn("NEVER", "rfc822;b+2B@x.test")),
        ("c@x.test", MailDsn(), RecipientDsn()),
    ]


def test_many_mails_are_accepted_at_once_each_with_its_own_recipients() -> None:
    submissions = [make_submission(*[f"{n}-{m}@x.test" for m in range(n)]) for n in range(1, 30)]
    queue.accept(submissions)
    for number, submission in enumerate(submissions, start=1):
        assert len(states(submission.queue_id)) == number


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ({"recipients": ("x" * 400,)}, DataError),
        ({"queue_id": "Q" * 17}, DataError),
        ({"subject": "\x00"}, Exception),
        ({"expires_at": None}, IntegrityError),
    ],
    ids=["recipient", "queue id", "subject", "expiry"],
)
def test_of_a_batch_with_one_broken_mail_nothing_is_kept(
    broken: dict[str, object], fault: type[Exception]
) -> None:
    batch = [make_submission(), make_submission(**broken), make_submission()]
    with pytest.raises(fault), transaction.atomic():
        queue.accept(batch)
    assert (Message.objects.count(), MessageContent.objects.count()) == (0, 0)
    assert Delivery.objects.count() == 0


def test_of_two_mails_with_one_queue_id_neither_is_kept() -> None:
    submission = make_submission()
    with pytest.raises(IntegrityError), transaction.atomic():
        queue.accept([submission, submission])
    assert Message.objects.count() == 0


def test_a_lease_carries_what_an_attempt_needs(relay_id: int) -> None:
    submission = make_submission("a@x.test", origin="system", message_id="<1@x>", is_8bit=True)
    queue.accept([submission])
    (leased,) = lease(relay_id)
    assert (leased.queue_id, leased.origin, leased.mail_type, leased.mail_from) == (
        submission.queue_id,
        "system",
        "trigger",
        "app@example.com",
    )
    assert (leased.recipient, leased.header_message_id) == ("a@x.test", "<1@x>")
    assert (leased.attempt_count, leased.size_bytes) == (0, len(CONTENT))
    assert (leased.is_8bit, leased.needs_smtputf8) == (True, False)
    assert leased.expires_at == submission.expires_at
    assert queue.contents([leased.message_id]) == {leased.message_id: CONTENT}


def test_a_lane_is_leased_without_the_other(relay_id: int) -> None:
    batch, trigger = enqueue(mail_type="batch"), enqueue()
    assert [d.queue_id for d in lease(relay_id, lane="trigger")] == [trigger]
    assert [d.queue_id for d in lease(relay_id, lane="batch")] == [batch]


def test_what_is_due_longest_is_leased_first_up_to_the_limit(relay_id: int) -> None:
    now = timezone.now()
    ids = [enqueue(accepted_at=now - timedelta(minutes=n)) for n in (2, 3, 1)]
    assert {d.queue_id for d in lease(relay_id, limit=2)} == {ids[1], ids[0]}
    assert [d.queue_id for d in lease(relay_id)] == [ids[2]]
    assert lease(relay_id) == []


def test_what_is_not_due_is_not_leased_and_says_how_long_it_takes(relay_id: int) -> None:
    assert queue.seconds_until_due(lane="trigger") is None
    enqueue()
    Delivery.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=60))
    assert lease(relay_id) == []
    seconds = queue.seconds_until_due(lane="trigger")
    assert seconds is not None
    assert 50 < seconds < 61
    assert queue.seconds_until_due(lane="batch") is None


def test_mail_is_due_although_the_clock_of_who_accepted_it_is_ahead(relay_id: int) -> None:
    enqueue(accepted_at=timezone.now() + timedelta(minutes=5))
    assert len(lease(relay_id)) == 1


def test_what_is_accepted_again_after_a_lost_answer_is_there_once(transactional_db: None) -> None:
    submission = make_submission("a@x.test", "b@x.test")
    queue.accept([submission])
    other = make_submission()

    async def accept_again() -> None:
        database = LoopDatabase()
        await queue.accept_on(database, [submission, other], again=True)
        await database.close()

    asyncio.run(accept_again())
    assert len(states(submission.queue_id)) == 2
    assert len(states(other.queue_id)) == 1
    assert MessageContent.objects.count() == 2


def test_a_queue_that_is_due_says_so() -> None:
    enqueue()
    seconds = queue.seconds_until_due(lane="trigger")
    assert seconds is not None
    assert seconds < 0


def test_what_is_given_back_can_be_leased_again_and_what_is_kept_cannot(relay_id: int) -> None:
    enqueue("a@x.test", "b@x.test")
    enqueue(mail_type="batch")
    kept, given_back = lease(relay_id)
    (batch,) = lease(relay_id, lane="batch")
    queue.keep_only(relay_id=relay_id, lane="trigger", delivery_ids=[kept.delivery_id])
    other = queue.register_relay(host="there", pid=1)
    assert lease(other) == [given_back]
    assert Delivery.objects.get(pk=batch.delivery_id).leased_by == relay_id


def test_expired_mail_is_leased_once_more(relay_id: int) -> None:
    enqueue(expires_at=timezone.now() - timedelta(hours=1))
    assert len(lease(relay_id)) == 1


def test_small_contents_come_with_their_lease_and_large_ones_when_they_are_asked_for(
    relay_id: int,
) -> None:
    small = make_submission("a@x.test", "b@x.test", content=b"small")
    large = make_submission(content=b"larger")
    queue.accept([small, large])
    leased, contents = queue.take(relay_id=relay_id, lane="trigger", limit=10, small_bytes=5)
    assert [d.queue_id for d in leased] == [small.queue_id, small.queue_id, large.queue_id]
    assert contents == {leased[0].message_id: b"small"}
    assert queue.contents([leased[2].message_id]) == {leased[2].message_id: b"larger"}
