"""Slots: batch mail leaves one after the other, whoever gives them and however much waits."""

import itertools
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.bridge import LOOK_UPS
from smtp_gateway.models import Delivery, SenderPace
from smtp_gateway.paces import OwnPace, Paces, TypePace
from smtp_gateway.queue.pacing import AHEAD_SECONDS
from tests.smtp_gateway.queued import lease, make_submission

pytestmark = pytest.mark.django_db
NEWS, OTHER = "news@x.test", "other@x.test"


def paced(per_minute: int | None, **window: datetime) -> Paces:
    return Paces({"batch": TypePace(per_minute, **window)})


def accept(number: int, sender: str = NEWS, **changes: object) -> None:
    values: dict[str, object] = {"mail_type": "batch", "sender_address": sender, **changes}
    queue.accept([make_submission(**values) for _ in range(number)])


def give(paces: Paces, *, unpaced: int = 1000) -> int:
    """Slots to all that are due; the first look at a sender only makes it known."""
    return queue.give_slots(paces, unpaced=unpaced).number


def slots(sender: str = NEWS) -> list[datetime]:
    rows = Delivery.objects.filter(message__sender_address=sender, lane="batch")
    return sorted(rows.values_list("next_attempt_at", flat=True))


def waiting(sender: str = NEWS) -> int:
    return Delivery.objects.filter(message__sender_address=sender, lane="paced").count()


def pass_time(seconds: float) -> None:
    """The database's clock stands still in a transaction: everything else is moved back."""
    ago = timedelta(seconds=seconds)
    SenderPace.objects.update(next_slot_at=F("next_slot_at") - ago)
    Delivery.objects.filter(lane="batch").update(next_attempt_at=F("next_attempt_at") - ago)


def lease_what_is_due() -> None:
    """As relays do all the time: what has its slot and is not leased holds up what comes behind."""
    relay_id = queue.register_relay(host="here", pid=1)
    queue.take(relay_id=relay_id, lane="batch", limit=10_000, small_bytes=0)


def test_batch_mail_waits_where_no_lease_looks() -> None:
    accept(3)
    relay_id = queue.register_relay(host="here", pid=1)
    taken, _ = queue.take(relay_id=relay_id, lane="batch", limit=10, small_bytes=0)
    assert (taken, waiting()) == ([], 3)


def test_trigger_mail_does_not_wait() -> None:
    accept(3, mail_type="trigger")
    assert len(lease(queue.register_relay(host="here", pid=1), lane="trigger")) == 3


@pytest.mark.parametrize("per_minute", [6, 60, 90, 600, 1000])
def test_slots_lie_a_pace_apart_to_the_microsecond(per_minute: int) -> None:
    accept(100)
    give(paced(per_minute))
    given = slots()
    assert len(given) == min(100, max(1, round(AHEAD_SECONDS * per_minute / 60)))
    each = timedelta(seconds=60 / per_minute)
    gaps = [after - before for before, after in itertools.pairwise(given)]
    assert all(abs(gap - each) <= timedelta(microseconds=1) for gap in gaps)


def test_the_next_slots_go_on_where_the_last_ended_whoever_gives_them() -> None:
    accept(100)
    for _ in range(6):
        give(paced(60))
        pass_time(3.0)
        lease_what_is_due()
    given = slots()
    assert len(given) == 4 + 5 * 3
    assert {after - before for before, after in itertools.pairwise(given)} == {timedelta(seconds=1)}


def test_no_more_than_the_pace_leaves_in_any_minute() -> None:
    accept(300)
    for _ in range(80):
        give(paced(120))
        pass_time(1.0)
        lease_what_is_due()
    given = slots()
    assert len(given) > 160
    for begin in given:
        assert sum(begin <= at < begin + timedelta(minutes=1) for at in given) <= 120


def test_what_was_idle_saves_nothing_up() -> None:
    accept(1)
    give(paced(60))
    lease_what_is_due()
    pass_time(3600)
    accept(100)
    give(paced(60))
    assert len(slots()) == 1 + AHEAD_SECONDS


def test_each_sender_has_a_pace_of_its_own() -> None:
    accept(50)
    accept(50, OTHER)
    queue.set_own_paces({OTHER: OwnPace("batch", 15)}, {})
    give(paced(60))
    assert (len(slots()), len(slots(OTHER))) == (4, 1)


def test_a_halted_sender_keeps_what_waits_and_goes_on_later() -> None:
    accept(50)
    halted = {NEWS: OwnPace("batch", 0)}
    queue.set_own_paces(halted, {})
    assert give(paced(None)) == 0
    queue.set_own_paces({}, halted)
    assert give(paced(None)) == 50


def test_a_raised_pace_does_not_wait_for_the_slow_one() -> None:
    accept(5)
    slow, fast = {NEWS: OwnPace("batch", 1)}, {NEWS: OwnPace("batch", 600)}
    queue.set_own_paces(slow, {})
    give(paced(None))
    queue.set_own_paces(fast, slow)
    give(paced(None))
    assert len(slots()) == 5
    assert slots()[1] - slots()[0] == timedelta(seconds=0.1)


def test_without_a_pace_all_goes_as_it_is_asked_for() -> None:
    accept(50)
    assert give(paced(None), unpaced=0) == 0
    assert give(paced(None), unpaced=20) == 20
    assert give(paced(None), unpaced=100) == 30
    assert {row.reason_code for row in Delivery.objects.all()} == {""}


def test_a_pace_that_was_taken_away_is_not_waited_for() -> None:
    accept(5)
    give(paced(1))
    assert give(paced(None)) == 4


def test_senders_without_a_pace_share_what_is_let_through() -> None:
    accept(100)
    for number in range(9):
        accept(30, f"s{number}@x.test")
    # Who only waits for a retry takes nothing from the others.
    accept(1, "later@x.test")
    later = Delivery.objects.filter(message__sender_address="later@x.test")
    later.update(next_attempt_at=timezone.now() + timedelta(hours=1))
    assert give(paced(None), unpaced=100) == 100
    assert {len(slots(f"s{number}@x.test")) for number in range(9)} == {10}
    assert (len(slots()), waiting("later@x.test")) == (10, 1)


def test_the_oldest_mail_goes_first() -> None:
    for minutes in (1, 30, 5):
        accepted_at = timezone.now() - timedelta(minutes=minutes)
        accept(1, accepted_at=accepted_at, subject=str(minutes))
    give(paced(60))
    rows = Delivery.objects.order_by("next_attempt_at")
    assert list(rows.values_list("message__subject", flat=True)) == ["30", "5", "1"]


def test_outside_the_window_nothing_gets_a_slot() -> None:
    now = timezone.now()
    accept(10)
    hours = timedelta(hours=1)
    assert give(paced(None, opens_at=now + hours, closes_at=now + 2 * hours)) == 0
    assert give(paced(600, opens_at=now + hours, closes_at=now + 2 * hours)) == 0
    assert waiting() == 10


def test_no_slot_lies_behind_the_end_of_the_window() -> None:
    accept(100)
    closes_at = timezone.now() + timedelta(seconds=3)
    give(paced(600, opens_at=closes_at - timedelta(hours=1), closes_at=closes_at))
    # The first at once, then one each tenth of a second.
    assert 0 < len(slots()) <= 1 + 10 * 3 < 10 * AHEAD_SECONDS
    assert all(at < closes_at for at in slots())


def test_the_first_slot_is_when_the_window_opens() -> None:
    accept(100)
    opens_at = timezone.now() + timedelta(seconds=3)
    give(paced(600, opens_at=opens_at, closes_at=opens_at + timedelta(hours=1)))
    assert min(slots()) == opens_at


def test_what_is_deferred_or_given_back_waits_for_a_slot_once_more() -> None:
    relay_id = queue.register_relay(host="here", pid=1)
    accept(2)
    one, other = lease(relay_id, lane="batch")
    now = timezone.now()
    queue.record(
        relay_id=relay_id,
        outcomes=[
            queue.Outcome(
                one, "deferred", now, "test", reason_code="greylisted", next_attempt_at=now
            )
        ],
    )
    queue.postpone(
        relay_id=relay_id, delivery_ids=[other.delivery_id], seconds=0, code="x", reason="x"
    )
    assert waiting() == 2
    assert give(paced(None)) == 2
    assert Delivery.objects.get(pk=one.delivery_id).reason_code == "greylisted"


def test_what_is_not_leased_in_time_leaves_no_more_at_once_than_a_few_seconds_worth() -> None:
    accept(1000)
    for _ in range(100):
        give(paced(600))
        pass_time(1.0)
    assert len(slots()) < 10 * 3 * AHEAD_SECONDS


def test_trigger_mail_of_a_flagged_address_is_parked_and_comes_back_with_a_slot() -> None:
    relay_id = queue.register_relay(host="here", pid=1)
    accept(10, mail_type="trigger")
    taken = lease(relay_id, lane="trigger")
    queue.set_own_paces({NEWS: OwnPace("trigger", 60)}, {})
    queue.park(relay_id=relay_id, lane="trigger", delivery_ids=[each.delivery_id for each in taken])
    give(paced(None))
    rows = Delivery.objects.filter(lane="trigger", state="queued", reason_code="paced")
    assert rows.count() == AHEAD_SECONDS
    assert waiting() == 10 - AHEAD_SECONDS


def test_giving_slots_looks_at_few_rows_however_many_wait() -> None:
    accept(3000)
    give(paced(60))
    pass_time(3.0)
    lease_what_is_due()
    with connection.cursor() as cursor:
        for name, value in LOOK_UPS.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute("ANALYZE smtp_gateway_delivery")
    before = _rows_looked_at()
    assert give(paced(60)) == 3
    assert _rows_looked_at() - before < 60


def _rows_looked_at() -> int:
    """By this transaction, in the table of deliveries and by its indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relname = 'smtp_gateway_delivery'"
        )
        ((number,),) = cursor.fetchall()
        return int(number)
