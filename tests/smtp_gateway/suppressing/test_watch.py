"""What a worker learns of suppressions, however many are written at once, and by whom."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from django.db import transaction
from django.utils import timezone

from senders.models import Suppression
from senders.suppressions.importing import import_list
from senders.suppressions.services import lift, suppress
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.suppressing.watch import SuppressionWatch
from tests.smtp_gateway.relay.running import Queue

MANY = 8
APP = "app@example.com"


@pytest.fixture
def database(transactional_db: None) -> Iterator[Queue]:
    """Committed for real, so that the worker's own connection sees it."""
    database = Queue()
    yield database
    database.bridge.close()


@asynccontextmanager
async def watching() -> AsyncIterator[SuppressionWatch]:
    """One that has loaded what there is, and looks when it is told to."""
    watch = SuppressionWatch(LoopDatabase(), many_changes=MANY)
    try:
        await watch.look()
        yield watch
    finally:
        await watch.flush()


@asynccontextmanager
async def open_transaction() -> AsyncIterator[LoopDatabase]:
    """Somebody else's, which has written already and is not committed before the end."""
    other = LoopDatabase()
    try:
        await other.execute("BEGIN")
        await other.execute("SELECT pg_current_xact_id()::text")
        yield other
        await other.execute("COMMIT")
    finally:
        await other.close()


def bring(names: range, *, reasons: tuple[str, ...] = ("manual",)) -> None:
    """A list that is imported in one transaction, each recipient once for each reason."""
    lines = [f"{name}@a.test,{reason}\n" for name in names for reason in reasons]
    with transaction.atomic():
        import_list(["target,reason\n", *lines], {"scope": "organisation"}, timezone.now())


def stop(recipient: str) -> Suppression:
    return suppress(reason="manual", recipient_or_domain=recipient, now=timezone.now())


async def missed(watch: SuppressionWatch, names: range) -> list[str]:
    """Those of the list of which memory says that they are not suppressed."""
    assert watch.knows
    answers = {f"{name}@a.test": watch.look_up(APP, "trigger", f"{name}@a.test") for name in names}
    return [recipient for recipient, answer in answers.items() if not answer or not await answer]


def loads(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.message == "suppressions.loaded" for record in caplog.records)


async def test_rows_that_share_a_number_hide_none_of_a_long_list(database: Queue) -> None:
    async with watching() as watch:
        await database.do(bring, range(2 * MANY), reasons=("manual", "hard-bounce"))
        await watch.look()
        assert await missed(watch, range(2 * MANY)) == []


@pytest.mark.parametrize("count", [MANY - 1, MANY, MANY + 1], ids=["fewer", "as-many", "more"])
async def test_about_as_many_as_are_told_at_once_none_is_missed(
    database: Queue, count: int
) -> None:
    async with watching() as watch:
        await database.do(bring, range(count))
        await watch.look()
        assert await missed(watch, range(count)) == []


async def test_a_long_transaction_of_others_hides_nothing_that_comes_later(database: Queue) -> None:
    names = range(2 * MANY)
    async with watching() as watch:
        async with open_transaction():
            await database.do(bring, names, reasons=("manual", "hard-bounce"))
            await watch.look()
            await database.do(stop, "100@a.test")
            await watch.look()
            assert await missed(watch, range(100, 101)) == []
            await database.do(stop, "101@a.test")
        await watch.look()
        await watch.look()
        assert await missed(watch, range(100, 102)) == []
        assert await missed(watch, names) == []


async def test_a_long_transaction_of_others_makes_it_load_once_and_tell_nothing_twice(
    database: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "smtp_gateway.suppressing.watch")
    async with watching() as watch, open_transaction():
        await database.do(bring, range(2 * MANY))
        for _ in range(4):
            await watch.look()
        assert loads(caplog) == 2


async def test_what_is_committed_late_is_learnt_then(database: Queue) -> None:
    row = await database.do(stop, "7@a.test")
    async with watching() as watch:
        async with open_transaction() as other:
            await other.execute(
                "UPDATE senders_suppression SET ended_at = now(), lifted_at = now(),"
                " changed_in = pg_current_xact_id()::text::bigint WHERE id = $1",
                row.pk,
            )
            # Later ones are seen before it.
            await database.do(stop, "8@a.test")
            await watch.look()
            assert await missed(watch, range(7, 9)) == []
        await watch.look()
        assert await missed(watch, range(7, 9)) == ["7@a.test"]


async def test_what_is_lifted_and_suppressed_again_between_two_looks_holds(database: Queue) -> None:
    row = await database.do(stop, "1@a.test")
    async with watching() as watch:
        await database.do(lift, [row], why="x", now=timezone.now())
        await database.do(stop, "1@a.test")
        await watch.look()
        assert await missed(watch, range(1, 2)) == []


async def test_a_snapshot_of_another_database_makes_it_load_anew(
    database: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "smtp_gateway.suppressing.watch")
    await database.do(stop, "1@a.test")
    async with watching() as watch:
        watch._snapshot = f"{2**40 + 9}:{2**40 + 9}:"
        await watch.look()
        assert loads(caplog) == 2
        assert await missed(watch, range(1, 2)) == []
