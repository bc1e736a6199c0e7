"""What is committed late is counted, and what several count at once is counted once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections
from django.utils import timezone

from smtp_gateway import tasks
from smtp_gateway.models import Delivery, RollupState
from smtp_gateway.rollups import rolling
from smtp_gateway.rollups.values import total
from tests.smtp_gateway.rollups.scenes import (
    HOUR,
    NOON,
    accept,
    assert_agreement,
    attempt,
    counted,
    numbers,
)

pytestmark = pytest.mark.django_db(transaction=True)
# Ids 1 and 2 are given in an order, and 1 is committed after 2.
_INSERT = """
INSERT INTO smtp_gateway_delivery (
    message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason)
SELECT id, %s, 'trigger', 'queued', now(), 0, '', '' FROM smtp_gateway_message
"""


@pytest.fixture
def late() -> Iterator[psycopg.Connection]:
    """Another connection, in whose transaction somebody takes his time."""
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "host", "port")
    with psycopg.connect(**{k: parameters[k] for k in names if k in parameters}) as other:
        yield other


def accepted() -> int:
    return counted(NOON - HOUR, NOON + HOUR).accepted


def test_a_lower_id_that_is_committed_after_a_higher_one_is_counted(late):
    accept(NOON)
    rolling.catch_up(seconds=60)
    late.execute(_INSERT, ["late@example.net"])
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, ["early@example.net"])
    rolling.roll_up()
    assert accepted() == 2
    assert_agreement(NOON)
    late.commit()
    assert accepted() == 3
    rolling.catch_up(seconds=60)
    rolling.catch_up(seconds=60)
    assert accepted() == 3
    assert RollupState.objects.get().delivery_id == Delivery.objects.order_by("-id")[0].pk
    assert_agreement(NOON)


def test_nothing_behind_somebody_who_writes_is_counted_until_he_has_ended(late):
    accept(NOON)
    late.execute(_INSERT, ["late@example.net"])
    for _ in range(3):
        assert not rolling.roll_up()
    assert RollupState.objects.get().delivery_id == 0
    late.rollback()
    rolling.roll_up()
    assert RollupState.objects.get().delivery_id > 0
    assert accepted() == 1


def test_who_only_reads_holds_nothing_up(late):
    late.execute("SELECT count(*) FROM smtp_gateway_delivery")
    accept(NOON)
    rolling.roll_up()
    assert RollupState.objects.get().delivery_id > 0


def test_history_is_forgotten_only_when_it_is_counted(late):
    long_ago = timezone.now() - timedelta(days=100)
    accept(long_ago)
    attempt("relayed", long_ago)
    late.execute(_INSERT, ["late@example.net"])
    tasks.forget_history()
    assert Delivery.objects.count() == 1
    late.rollback()
    tasks.forget_history()
    assert Delivery.objects.count() == 0
    assert counted(long_ago - HOUR, long_ago + HOUR).relayed == 1


def test_several_writers_counters_and_readers_at_once_lose_nothing():
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    since, until = hour - 3 * HOUR, hour + HOUR
    ended = threading.Event()

    def write() -> None:
        for number in range(15):
            accept(now - timedelta(hours=number % 3), number=1 + number % 3)
            attempt(("relayed", "bounced", "deferred")[number % 3], now, most=5)

    def count() -> None:
        while not ended.is_set():
            rolling.roll_up(most=3)

    def look() -> None:
        seen = 0
        while not ended.is_set():
            number = total(numbers(since, until)).accepted
            assert number >= seen
            seen = number

    with ThreadPoolExecutor(7) as threads:
        writers = [threads.submit(closing, write) for _ in range(3)]
        others = [threads.submit(closing, each) for each in (count, count, look)]
        try:
            for writer in writers:
                writer.result(timeout=90)
        finally:
            ended.set()
        for other in others:
            other.result(timeout=90)
    assert_agreement(now)
    rolling.catch_up(seconds=60)
    assert RollupState.objects.get().counted_until is not None
    assert_agreement(now)


def closing(work: Callable[[], None]) -> None:
    """Gives its connection back, as a thread of its own has one of its own."""
    try:
        work()
    finally:
        connections.close_all()
