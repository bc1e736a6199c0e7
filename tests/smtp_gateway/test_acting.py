"""What is done to deliveries by hand: each action where it fits, and nowhere else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery, MessageContent
from smtp_gateway.queue import acting, ledger
from smtp_gateway.queue.acting import Acted
from tests.smtp_gateway.queued import enqueue, lease

pytestmark = pytest.mark.django_db

BY = "op@example.com"
STATES = ("queued", "deferred", "leased", "held", "relayed", "bounced", "expired", "cancelled")


def make_one_in(state: str) -> Delivery:
    enqueue()
    relay_id = queue.register_relay(host="here", pid=1)
    if state in ("queued", "deferred"):
        later = timezone.now() + timedelta(hours=1 if state == "deferred" else -1)
        Delivery.objects.update(next_attempt_at=later, reason="Busy.")
    elif state in ("held", "cancelled"):
        finished_at = timezone.now() if state == "cancelled" else None
        Delivery.objects.update(state=state, finished_at=finished_at, crash_count=3)
    else:
        (leased,) = lease(relay_id)
        if state != "leased":
            done = queue.Outcome(leased, state, timezone.now(), "smarthost")  # type: ignore[arg-type]
            queue.record(relay_id=relay_id, outcomes=[done])
    return Delivery.objects.get()


def all_ids() -> list[int]:
    return list(Delivery.objects.values_list("id", flat=True))


def newest_event() -> tuple[str, str]:
    event = Attempt.objects.latest("id")
    return event.outcome, event.reason


def test_retry_now_makes_it_due_and_keeps_why_it_waited() -> None:
    make_one_in("deferred")
    assert acting.retry(all_ids(), operator=BY) == Acted(1, frozenset({"trigger"}))
    delivery = Delivery.objects.get()
    assert delivery.next_attempt_at <= timezone.now()
    assert (delivery.state, delivery.reason) == ("queued", "Busy.")
    assert newest_event() == ("retried", "Retry asked for by op@example.com.")
    assert len(lease(queue.register_relay(host="here", pid=2))) == 1


@pytest.mark.parametrize("state", ["queued", "deferred", "held"])
def test_cancel_ends_what_waits_or_is_set_aside(state: str) -> None:
    make_one_in(state)
    assert acting.cancel(all_ids(), operator=BY).count == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.reason_code) == ("cancelled", "cancelled")
    assert delivery.finished_at is not None
    assert newest_event() == ("cancelled", "Cancelled by op@example.com.")
    assert lease(queue.register_relay(host="here", pid=2)) == []


def test_release_puts_what_was_set_aside_back_as_if_no_relay_had_died() -> None:
    make_one_in("held")
    assert acting.release(all_ids(), operator=BY).count == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.crash_count) == ("queued", 0)
    assert newest_event() == ("released", "Released by op@example.com.")
    assert len(lease(queue.register_relay(host="here", pid=2))) == 1


@pytest.mark.parametrize(
    ("name", "state"),
    [
        *(("retry", state) for state in STATES if state != "deferred"),
        *(("cancel", state) for state in STATES if state not in ("queued", "deferred", "held")),
        *(("release", state) for state in STATES if state != "held"),
    ],
)
def test_what_an_action_does_not_fit_stays_as_it_is(name: str, state: str) -> None:
    before = make_one_in(state)
    events = Attempt.objects.count()
    assert getattr(acting, name)(all_ids(), operator=BY) == Acted()
    after = Delivery.objects.get()
    assert (after.state, after.next_attempt_at) == (before.state, before.next_attempt_at)
    assert (after.leased_by, after.finished_at) == (before.leased_by, before.finished_at)
    assert Attempt.objects.count() == events


def test_of_many_only_those_that_it_fits_are_acted_on() -> None:
    enqueue("a@x.test", "b@x.test", mail_type="batch")
    lease(queue.register_relay(host="here", pid=1), lane="batch", limit=1)
    enqueue("c@x.test", "d@x.test")
    assert acting.cancel(all_ids(), operator=BY) == Acted(3, frozenset({"trigger", "batch"}))
    assert Attempt.objects.filter(outcome="cancelled").count() == 3
    total = ledger.count().total
    assert (total.accepted, total.cancelled, total.being_relayed) == (4, 3, 1)


def test_the_content_of_what_was_cancelled_stays_for_sending_it_again() -> None:
    make_one_in("queued")
    acting.cancel(all_ids(), operator=BY)
    assert MessageContent.objects.exists()
