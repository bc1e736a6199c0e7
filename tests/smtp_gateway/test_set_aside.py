"""A mail that relays die of is found and set aside, and its neighbours are not."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery
from tests.smtp_gateway.queued import enqueue, lease

pytestmark = pytest.mark.django_db

SILENT = timedelta(seconds=10)


def crash(*begun: str, is_known: bool = True) -> None:
    """A relay leases all there is and dies; `begun` are recipients of what it had begun."""
    Delivery.objects.filter(state="queued").update(
        next_attempt_at=timezone.now() - timedelta(minutes=1)
    )
    relay_id = queue.register_relay(host="here", pid=1)
    leased = lease(relay_id)
    ids = [d.delivery_id for d in leased if d.recipient in begun]
    known = {relay_id: ids} if is_known else {}
    assert queue.free_leases_of_dead(silent_for=SILENT, gone=[relay_id], begun=known) == len(leased)


def delivery(recipient: str) -> Delivery:
    return Delivery.objects.get(recipient=recipient)


def events(recipient: str) -> list[str]:
    return list(delivery(recipient).attempts.values_list("outcome", flat=True))


def test_what_was_leased_and_not_begun_goes_back_as_if_nothing_had_happened() -> None:
    enqueue("begun@x.test", "waiting@x.test")
    before = delivery("waiting@x.test")
    crash("begun@x.test")
    after = delivery("waiting@x.test")
    assert (after.state, after.crash_count, after.reason_code) == ("queued", 0, "")
    assert after.next_attempt_at > before.next_attempt_at
    assert events("waiting@x.test") == []
    begun = delivery("begun@x.test")
    assert (begun.state, begun.crash_count, begun.reason_code) == ("queued", 1, "relay-stopped")
    assert events("begun@x.test") == ["uncertain"]


def test_a_mail_in_hand_at_three_crashes_is_set_aside_and_says_so() -> None:
    enqueue("poison@x.test", "innocent@x.test")
    for _ in range(3):
        crash("poison@x.test")
    poison = delivery("poison@x.test")
    assert (poison.state, poison.leased_by, poison.finished_at) == ("held", None, None)
    assert poison.reason_code == "set-aside"
    assert "can be released" in poison.reason
    assert events("poison@x.test") == ["uncertain", "uncertain", "uncertain", "set-aside"]
    assert Attempt.objects.get(outcome="set-aside").reason == poison.reason
    assert (delivery("innocent@x.test").state, events("innocent@x.test")) == ("queued", [])


def test_what_is_set_aside_is_not_leased_again() -> None:
    enqueue("poison@x.test")
    for _ in range(3):
        crash("poison@x.test")
    assert lease(queue.register_relay(host="here", pid=1)) == []
    assert queue.seconds_until_due(lane="trigger") is None


def test_after_the_first_crash_mail_is_tried_again_at_once() -> None:
    enqueue("a@x.test")
    crash("a@x.test")
    assert len(lease(queue.register_relay(host="here", pid=1))) == 1


def test_after_the_second_crash_suspects_are_tried_one_after_the_other() -> None:
    recipients = [f"{n}@x.test" for n in range(5)]
    enqueue(*recipients)
    for _ in range(2):
        crash(*recipients)
    times = sorted(Delivery.objects.values_list("next_attempt_at", flat=True))
    gaps = {later - sooner for sooner, later in pairwise(times)}
    assert gaps == {timedelta(seconds=5)}
    assert times[0] > timezone.now()


def test_many_suspects_wait_a_minute_at_most() -> None:
    recipients = [f"{n}@x.test" for n in range(90)]
    enqueue(*recipients)
    for _ in range(2):
        crash(*recipients)
    newest = max(Delivery.objects.values_list("next_attempt_at", flat=True))
    assert newest <= timezone.now() + timedelta(seconds=60)


def test_where_nobody_knows_what_was_begun_all_of_it_was() -> None:
    enqueue("a@x.test", "b@x.test")
    crash(is_known=False)
    assert events("a@x.test") == events("b@x.test") == ["uncertain"]
    assert set(Delivery.objects.values_list("crash_count", flat=True)) == {1}


def test_a_crash_before_anything_was_begun_counts_for_all_without_a_doubt_about_them() -> None:
    enqueue("a@x.test", "b@x.test")
    for _ in range(2):
        crash()
    assert set(Delivery.objects.values_list("crash_count", "state")) == {(2, "queued")}
    assert not Attempt.objects.exists()
    crash()
    assert events("a@x.test") == ["set-aside"]


def test_an_outcome_clears_the_suspicion() -> None:
    enqueue("a@x.test")
    for _ in range(2):
        crash("a@x.test")
    Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=1))
    relay_id = queue.register_relay(host="here", pid=1)
    (leased,) = lease(relay_id)
    now = timezone.now()
    deferred = queue.Outcome(leased, "deferred", at=now, route="smarthost", next_attempt_at=now)
    queue.record(relay_id=relay_id, outcomes=[deferred])
    crash("a@x.test")
    assert (delivery("a@x.test").state, delivery("a@x.test").crash_count) == ("queued", 1)
