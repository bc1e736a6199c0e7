"""What the page of a mail says of each attempt, and of its end."""

from datetime import timedelta

from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery, RelayTranscript
from smtp_gateway.relay.attempt import expired_waiting
from smtp_gateway.relay.destination import Wait
from smtp_gateway.relay.kept_dialogues import kept_transcripts
from smtp_gateway.relay.reply import Reply
from smtp_gateway.relay_transcripts.notes import Dialogue, Event, Opening
from tests.smtp_gateway.mail_pages import page
from tests.smtp_gateway.mails import attempt_all, lease_all, make_mail


def test_what_was_said_in_an_attempt_stands_with_it(console):
    queue_id = make_mail()
    relay_id, (leased,) = lease_all()
    reply = Reply(550, ("5.1.1 No such user",))
    opening = Opening([(1.0, Event("connecting", "mx.test:25")), (1.5, Reply(220, ("mx.test",)))])
    said = Dialogue(opening, 2.0, 1, [(2.0, "RCPT TO:<anna@example.org>"), (2.25, reply)])
    outcome = queue.Outcome(
        leased, "bounced", timezone.now(), "test", "mx.test:25", reply=str(reply), dialogue=said
    )
    packed = kept_transcripts([outcome])
    queue.record(relay_id=relay_id, outcomes=[outcome], transcripts=packed)
    attempt = Attempt.objects.get()
    for text in (
        page(console, queue_id),
        console.get(f"/mail-log/{queue_id}/attempts/{attempt.pk}/").content.decode(),
    ):
        for words in ("Connecting to mx.test:25.", "220 mx.test", "RCPT TO:", "0.250 s"):
            assert words in text
    RelayTranscript.objects.all().delete()
    assert "What was said is no longer kept." in page(console, queue_id)


def test_what_is_given_up_while_it_waits_is_no_attempt(console):
    queue_id = make_mail()
    attempt_all("deferred", next_attempt_at=timezone.now() - timedelta(seconds=1))
    relay_id, (leased,) = lease_all()
    wait = Wait(60, "next-hop-unreachable", "mx.test cannot be reached.")
    queue.record(relay_id=relay_id, outcomes=[expired_waiting(leased, wait)])
    assert Delivery.objects.get().attempt_count == 1
    text = page(console, queue_id)
    assert "Given up: its lifetime was over" in text
    assert "Attempt 1:" in text
    assert "Attempt 2:" not in text
    assert "Took</dt><dd>0 ms" not in text.split("Given up")[1]


def test_an_attempt_at_the_end_of_the_lifetime_is_one_and_giving_up_another_event(console):
    queue_id = make_mail()
    attempt_all("expired", reply="451 Not now", reason="Its lifetime is over: Not now.")
    text = page(console, queue_id)
    assert "Attempt 1: not now, and no time for another" in text
    assert "Given up: its lifetime was over" in text
    assert Delivery.objects.get().attempt_count == 1


def test_a_fault_of_the_connection_says_whom_it_stopped(console):
    queue_id = make_mail(recipients=["a@example.org", "b@example.org", "c@example.org"])
    attempt_all(
        "deferred", reason_code="next-hop-connection-lost", reason="It closed the connection."
    )
    first = Delivery.objects.order_by("pk")[0]
    text = page(console, queue_id, to=first.pk)
    assert "This ended the attempt for 3 recipients at once" in text
