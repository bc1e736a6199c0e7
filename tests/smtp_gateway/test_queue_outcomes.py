"""What an attempt came to is written once, by the relay that still holds the delivery."""

from datetime import timedelta

import pytest
from django.db import DataError, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from smtp_gateway import queue
from smtp_gateway.models import Attempt, CaughtMail, Delivery
from smtp_gateway.queue import LeasedDelivery, Outcome
from smtp_gateway.queue.binding import array, binding_cursor
from tests.smtp_gateway.queued import enqueue, lease, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def relay_id() -> int:
    return queue.register_relay(host="here", pid=1)


def outcome(delivery: LeasedDelivery, name: str = "relayed", **changes: object) -> Outcome:
    values: dict[str, object] = {"at": timezone.now(), "route": "smarthost", **changes}
    return Outcome(delivery, name, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["relayed", "bounced", "expired"])
def test_a_final_outcome_ends_the_delivery(relay_id: int, name: str) -> None:
    queue_id = enqueue("a@x.test")
    (leased,) = lease(relay_id)
    done = outcome(
        leased, name, next_hop="hop:25", reply="250 Ok", reason_code="why", reason="Why.",
        tls="TLSv1.3", duration_ms=12,
    )  # fmt: skip
    assert queue.record(relay_id=relay_id, outcomes=[done]) == {leased.delivery_id}
    assert states(queue_id) == [("a@x.test", name)]
    delivery = Delivery.objects.get()
    assert (delivery.finished_at, delivery.attempt_count) == (done.at, 1)
    assert (delivery.reason_code, delivery.reason, delivery.leased_by) == ("why", "Why.", None)
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.next_hop, attempt.reply) == (name, "hop:25", "250 Ok")
    assert (attempt.tls, attempt.duration_ms, attempt.at) == ("TLSv1.3", 12, done.at)
    assert lease(relay_id) == []


def test_a_deferral_waits_with_its_reason_until_its_time(relay_id: int) -> None:
    enqueue()
    (leased,) = lease(relay_id)
    now = timezone.now()
    later = now + timedelta(minutes=5)
    deferred = outcome(
        leased, "deferred", at=now, next_attempt_at=later, reason_code="busy", reason="Busy."
    )
    queue.record(relay_id=relay_id, outcomes=[deferred])
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.reason) == ("queued", "Busy.")
    assert abs(delivery.next_attempt_at - later) < timedelta(seconds=30)
    assert delivery.is_deferred
    assert lease(relay_id) == []
    Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=1))
    assert [d.attempt_count for d in lease(relay_id)] == [1]


def test_a_wrong_clock_of_a_relays_machine_delays_no_mail(relay_id: int) -> None:
    enqueue()
    (leased,) = lease(relay_id)
    fast = timezone.now() + timedelta(hours=5)
    deferred = outcome(leased, "deferred", at=fast, next_attempt_at=fast + timedelta(minutes=1))
    queue.record(relay_id=relay_id, outcomes=[deferred])
    wait = Delivery.objects.get().next_attempt_at - timezone.now()
    assert timedelta(seconds=30) < wait <= timedelta(minutes=1)


def test_what_another_relay_has_meanwhile_is_not_written(relay_id: int) -> None:
    queue_id = enqueue("a@x.test")
    (leased,) = lease(relay_id)
    queue.free_leases_of_dead(silent_for=timedelta(seconds=10), gone=[relay_id])
    other = queue.register_relay(host="there", pid=1)
    assert lease(other) == [leased]
    late = outcome(leased, keep_in_mailbox=True)
    assert queue.record(relay_id=relay_id, outcomes=[late]) == set()
    assert states(queue_id) == [("a@x.test", "leased")]
    assert not CaughtMail.objects.exists()


def test_what_was_said_to_a_relay_taken_for_dead_counts_until_another_takes_over(
    relay_id: int,
) -> None:
    queue_id = enqueue("a@x.test")
    (leased,) = lease(relay_id)
    queue.free_leases_of_dead(gone=[relay_id])
    assert queue.record(relay_id=relay_id, outcomes=[outcome(leased)]) == {leased.delivery_id}
    assert states(queue_id) == [("a@x.test", "relayed")]
    assert lease(queue.register_relay(host="there", pid=1)) == []
    outcomes = Attempt.objects.order_by("id").values_list("outcome", flat=True)
    assert list(outcomes) == ["uncertain", "relayed"]


def test_what_was_cut_off_in_a_relay_taken_for_dead_is_told_once(relay_id: int) -> None:
    enqueue()
    (leased,) = lease(relay_id)
    queue.free_leases_of_dead(gone=[relay_id])
    cut_off = outcome(
        leased, "uncertain", reason_code="relay-stopped", next_attempt_at=timezone.now()
    )
    assert queue.record(relay_id=relay_id, outcomes=[cut_off]) == set()
    assert Attempt.objects.count() == 1


def test_what_waits_after_an_attempt_by_another_relay_is_not_touched(relay_id: int) -> None:
    enqueue()
    (leased,) = lease(relay_id)
    queue.free_leases_of_dead(gone=[relay_id])
    other = queue.register_relay(host="there", pid=1)
    lease(other)
    again = {"reason_code": "relay-stopped", "next_attempt_at": timezone.now()}
    queue.record(relay_id=other, outcomes=[outcome(leased, "deferred", **again)])
    assert queue.record(relay_id=relay_id, outcomes=[outcome(leased)]) == set()


def test_an_outcome_is_written_once(relay_id: int) -> None:
    enqueue()
    done = outcome(lease(relay_id)[0])
    assert queue.record(relay_id=relay_id, outcomes=[done])
    assert queue.record(relay_id=relay_id, outcomes=[done]) == set()
    assert Attempt.objects.count() == 1


def test_the_mailbox_keeps_one_mail_for_all_its_recipients(relay_id: int) -> None:
    queue_id = enqueue("b@x.test", "a@x.test", "c@x.test")
    first, second, third = sorted(lease(relay_id), key=lambda d: d.recipient)
    for batch in ([first, second], [third]):
        queue.record(
            relay_id=relay_id,
            outcomes=[outcome(d, route="mailbox", keep_in_mailbox=True) for d in batch],
        )
    caught = CaughtMail.objects.get()
    assert caught.message.queue_id == queue_id
    assert caught.recipients.split("\n") == ["a@x.test", "b@x.test", "c@x.test"]


def test_what_cannot_be_recorded_is_not_kept_in_the_mailbox_either(relay_id: int) -> None:
    queue_id = enqueue("a@x.test")
    (leased,) = lease(relay_id)
    broken = outcome(leased, reason_code="x" * 41, keep_in_mailbox=True)
    with pytest.raises(DataError), transaction.atomic():
        queue.record(relay_id=relay_id, outcomes=[broken])
    assert states(queue_id) == [("a@x.test", "leased")]
    assert not CaughtMail.objects.exists()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"))))
def test_an_array_comes_to_the_database_as_it_was(values: list[str]) -> None:
    with binding_cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [array(values)])
        assert cursor.fetchall() == [(values,)]


@pytest.mark.parametrize(
    "value", ["", '"', "\\", '\\"', "NULL", "{a,b}", "a,b", " ", "\r\n", 'a","b']
)
def test_a_reply_is_kept_to_the_letter(relay_id: int, value: str) -> None:
    enqueue("a@x.test", "b@x.test")
    first, second = lease(relay_id)
    queue.record(relay_id=relay_id, outcomes=[outcome(first, reply=value), outcome(second)])
    assert list(Attempt.objects.values_list("reply", flat=True)) == [value, ""]
