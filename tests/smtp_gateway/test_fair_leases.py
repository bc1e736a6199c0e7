"""Senders share a lane's backlog, and leases do not look through what has left the queue."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import chain, repeat

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.bridge import LOOK_UPS
from smtp_gateway.models import Delivery
from smtp_gateway.queue import leasing
from tests.smtp_gateway.queued import enqueue, make_submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def relay_id() -> int:
    """A relay, on a connection that plans as a relay's does."""
    with connection.cursor() as cursor:
        for name, value in LOOK_UPS.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
    return queue.register_relay(host="here", pid=1)


def unhurried() -> queue.Outlook:
    """Its clock stands still: what it does takes no time, and each look is allowed."""
    return queue.Outlook(clock=lambda: 0.0)


def hurried() -> queue.Outlook:
    """The first look takes a day, so that none is allowed for long."""
    clock = chain([0.0, 0.0], repeat(86_400.0))
    return queue.Outlook(clock=lambda: next(clock))


def accept(sender: str, number: int, *, age: timedelta = timedelta(minutes=1)) -> None:
    accepted_at = timezone.now() - age
    queue.accept(
        [make_submission(sender_address=sender, accepted_at=accepted_at) for _ in range(number)]
    )


def take(relay_id: int, outlook: queue.Outlook, *, limit: int) -> Sequence[queue.LeasedDelivery]:
    return queue.take(
        relay_id=relay_id, lane="trigger", limit=limit, small_bytes=0, outlook=outlook
    )[0]


def senders_of(leased: Sequence[queue.LeasedDelivery]) -> Counter[str]:
    ids = [delivery.delivery_id for delivery in leased]
    rows = Delivery.objects.filter(pk__in=ids)
    return Counter(rows.values_list("message__sender_address", flat=True))


def test_ten_mails_do_not_wait_for_the_thousands_that_another_sent_before(relay_id: int) -> None:
    accept("flood@x.test", 2000, age=timedelta(hours=1))
    accept("small@x.test", 10)
    outlook = unhurried()
    taken = senders_of([*take(relay_id, outlook, limit=100), *take(relay_id, outlook, limit=100)])
    assert taken == {"flood@x.test": 190, "small@x.test": 10}


def test_a_sender_that_comes_late_to_a_backlog_is_found(relay_id: int) -> None:
    accept("flood@x.test", 500, age=timedelta(hours=1))
    outlook = unhurried()
    for _ in range(2):
        assert set(senders_of(take(relay_id, outlook, limit=50))) == {"flood@x.test"}
    accept("late@x.test", 5)
    assert senders_of(take(relay_id, outlook, limit=50))["late@x.test"] == 5


def test_of_hundreds_of_senders_each_has_its_turn_before_a_flood_is_through(relay_id: int) -> None:
    accept("flood@x.test", 3000, age=timedelta(hours=1))
    for number in range(300):
        accept(f"{number}@x.test", 2)
    outlook = unhurried()
    seen: Counter[str] = Counter()
    # Three quarters of a lease take turns: after the first, 301 senders are through in five.
    for _ in range(1 + 5):
        seen += senders_of(take(relay_id, outlook, limit=100))
    assert len(seen) == 301
    assert sum(seen.values()) == 600


def test_the_oldest_mail_has_a_part_of_each_lease_whoever_sent_it(relay_id: int) -> None:
    accept("old@x.test", 100, age=timedelta(hours=1))
    for number in range(150):
        accept(f"{number}@x.test", 2)
    outlook = unhurried()
    take(relay_id, outlook, limit=40)
    for _ in range(2):
        assert senders_of(take(relay_id, outlook, limit=40))["old@x.test"] >= 10


def test_one_sender_alone_has_all_of_a_lease_and_in_the_order_of_time(relay_id: int) -> None:
    ids = [enqueue(accepted_at=timezone.now() - timedelta(minutes=n)) for n in range(9, 0, -1)]
    outlook = unhurried()
    taken = [each.queue_id for _ in range(3) for each in take(relay_id, outlook, limit=3)]
    assert taken == ids


def test_senders_that_only_wait_for_a_retry_take_nobody_s_turn(relay_id: int) -> None:
    accept("flood@x.test", 100, age=timedelta(hours=1))
    accept("later@x.test", 10)
    later = Delivery.objects.filter(message__sender_address="later@x.test")
    later.update(next_attempt_at=timezone.now() + timedelta(hours=1))
    outlook = unhurried()
    for _ in range(2):
        assert senders_of(take(relay_id, outlook, limit=20)) == {"flood@x.test": 20}


@pytest.mark.django_db(transaction=True)
def test_what_another_relay_is_leasing_of_a_sender_leaves_its_turn_to_the_others() -> None:
    relay_id = queue.register_relay(host="here", pid=1)
    accept("flood@x.test", 200, age=timedelta(hours=1))
    accept("small@x.test", 5)
    outlook = unhurried()
    take(relay_id, outlook, limit=20)
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "host", "port")
    with psycopg.connect(**{k: parameters[k] for k in names if k in parameters}) as other:
        other.execute(
            "SELECT FROM smtp_gateway_delivery WHERE sender_key = hashtext('small@x.test')"
            " FOR UPDATE"
        )
        assert senders_of(take(relay_id, outlook, limit=20)) == {"flood@x.test": 20}
    assert senders_of(take(relay_id, outlook, limit=20))["small@x.test"] == 5


def test_what_lies_behind_the_floor_is_found_when_all_is_looked_at_again(relay_id: int) -> None:
    accept("app@x.test", 5)
    outlook = hurried()
    assert len(take(relay_id, outlook, limit=10)) == 5
    accept("app@x.test", 1, age=timedelta(hours=1))
    assert take(relay_id, outlook, limit=10) == []
    assert queue.seconds_until_due(lane="trigger", outlook=outlook) is None
    assert len(take(relay_id, unhurried(), limit=10)) == 1


def test_mail_that_is_committed_a_little_late_is_found_in_front_of_the_floor(relay_id: int) -> None:
    accept("app@x.test", 5)
    outlook = hurried()
    take(relay_id, outlook, limit=10)
    accept("app@x.test", 1, age=timedelta(minutes=1, milliseconds=900))
    assert len(take(relay_id, outlook, limit=10)) == 1


def test_a_look_at_everything_is_allowed_again_after_twenty_times_as_long_as_it_took() -> None:
    now = [100.0]
    outlook = queue.Outlook(clock=lambda: now[0])
    began, floor = now[0], outlook.floor()
    now[0] += 2
    outlook.leased(began, floor, [1000.0], is_full=True)
    assert outlook.floor() == 999.0
    now[0] += 39
    assert outlook.floor() == 999.0
    now[0] += 1
    assert outlook.floor() == floor


@pytest.mark.parametrize("senders", [1, 50])
def test_mail_of_a_sender_is_found_by_its_own_index_whatever_the_planner_knows(
    relay_id: int, senders: int
) -> None:
    for number in range(senders):
        accept(f"{number}@x.test", 2000 // senders)
    values = {
        "relay_id": relay_id, "lane": "trigger", "limit": 200, "small_bytes": 0, "floor": 0.0,
        "senders": [1, 2], "share": 75, "behind": 2**31, "most": 128,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE smtp_gateway_delivery")
        # The recursive part of a plan is only shown where it is executed, too.
        for statement, scans in ((leasing._LEASE_SHARED, 1), (leasing._SENDERS, 2)):
            cursor.execute(f"EXPLAIN (COSTS OFF) {statement}", values)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert plan.count("using delivery_due_by_sender ") == scans
            assert "Seq Scan on smtp_gateway_delivery" not in plan
            assert plan.count("using delivery_due ") == (statement == leasing._LEASE_SHARED)
