"""A database or a Redis that hangs or loses answers: what the client hears is the truth."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import redis
from django.db import OperationalError, connection, transaction

from smtp_gateway import loop_database, queue, wake
from smtp_gateway.bridge import Bridge
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.models import Delivery, Message
from smtp_gateway.submission.intake import Intake
from tests.smtp_gateway.stopping import backend_of, has_ended, stopped
from tests.smtp_gateway.submission.talking import APP, MAIL, Gateway, as_data, eventually
from tests.smtp_gateway.submission.test_intake import commit, make_submission

TRY_LATER = "451 4.3.0 Temporary problem at our side; try again later"


@contextlib.asynccontextmanager
async def locked_messages(gateway: Gateway) -> AsyncIterator[None]:
    """Somebody else holds the table."""
    is_locked, may_release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE smtp_gateway_message")
            is_locked.set()
            may_release.wait(20)

    holding = asyncio.create_task(gateway.database(hold))
    await asyncio.to_thread(is_locked.wait, 5)
    try:
        yield
    finally:
        may_release.set()
        await holding


async def test_a_locked_table_is_a_451_in_time_and_nothing_is_kept(gateway: Gateway) -> None:
    await gateway.services.intake.close()
    gateway.services.intake = Intake(LoopDatabase(statement_timeout=timedelta(seconds=0.3)))
    async with locked_messages(gateway):
        started = time.monotonic()
        assert await gateway.submit() == TRY_LATER
        assert time.monotonic() - started < 3
    assert await gateway.messages() == []
    assert (await gateway.submit()).startswith("250 2.0.0 ")
    assert len(await gateway.messages()) == 1


async def test_who_waits_for_a_batch_that_gets_no_answer_does_not_wait_for_another(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = LoopDatabase(statement_timeout=timedelta(seconds=3))
    intake, asked, execute = Intake(database), [], database.execute

    async def counted(*given: object) -> list[tuple[object, ...]]:
        asked.append(given)
        return await execute(*given)  # type: ignore[arg-type]

    async def has_asked() -> bool:
        return bool(asked)

    monkeypatch.setattr(database, "execute", counted)
    async with locked_messages(gateway):
        first = asyncio.create_task(commit(intake, make_submission()))
        await eventually(has_asked)
        others = (commit(intake, make_submission()) for _ in range(3))
        assert await asyncio.gather(first, *others) == [False] * 4
    assert len(asked) == 1
    assert await commit(intake, make_submission())
    await intake.close()


@contextlib.asynccontextmanager
async def failing_inserts(gateway: Gateway, sqlstate: str) -> AsyncIterator[None]:
    """PostgreSQL itself says it, as it does when its disk is full."""

    def execute(*statements: str) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    function = (
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{sqlstate}'; END $$"
    )
    trigger = (
        "CREATE TRIGGER fail BEFORE INSERT ON smtp_gateway_messagecontent "
        "FOR EACH ROW EXECUTE FUNCTION fail()"
    )
    await gateway.database(lambda: execute(function, trigger))
    try:
        yield
    finally:
        await gateway.database(lambda: execute("DROP FUNCTION fail CASCADE"))


@pytest.mark.parametrize(
    ("sqlstate", "reply"),
    [
        ("53100", "452 4.3.1 Insufficient system storage; try again later"),
        ("53200", "452 4.3.1 Insufficient system storage; try again later"),
        ("57P01", TRY_LATER),
        ("XX000", TRY_LATER),
    ],
)
async def test_a_full_disk_is_told_from_other_trouble(
    gateway: Gateway, sqlstate: str, reply: str
) -> None:
    async with failing_inserts(gateway, sqlstate):
        assert await gateway.submit() == reply
    assert await gateway.messages() == []
    assert (await gateway.submit()).startswith("250 2.0.0 ")


async def test_a_database_that_does_not_even_give_up_is_not_waited_for(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtp_gateway.bridge._GRACE", timedelta(seconds=0.1))
    bridge = Bridge(statement_timeout=timedelta(seconds=0.1))
    goes_on = threading.Event()
    with pytest.raises(OperationalError, match="does not answer"):
        await bridge.database(goes_on.wait, 10)
    goes_on.set()
    assert await bridge.database(lambda: "well") == "well"
    bridge.close()


async def test_a_commit_whose_answer_is_lost_is_a_250_and_one_mail(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = queue.accept_on
    calls = []

    async def loses_the_first_answer(database, submissions, *, again):
        await accept(database, submissions, again=again)
        calls.append(again)
        if len(calls) == 1:
            database.drop()
            database.has_lost_its_connection = True
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(queue, "accept_on", loses_the_first_answer)
    assert (await gateway.submit()).startswith("250 2.0.0 ")
    assert calls == [False, True]
    assert await gateway.database(Message.objects.count) == 1
    assert await gateway.database(Delivery.objects.count) == 1


async def test_a_mail_given_to_a_process_that_stands_still_is_a_250_and_one_mail(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gateway.services.intake.close()
    database = LoopDatabase(statement_timeout=timedelta(seconds=30))
    gateway.services.intake = Intake(database)
    backend = await backend_of(database)
    # Prepared by now, so that the next time all of it is sent at once.
    assert (await gateway.submit()).startswith("250 2.0.0 ")
    asked, execute = [], database.execute

    async def impatient_at_first(*given: object) -> list[tuple[object, ...]]:
        asked.append(given)
        # Of the thirty seconds of a statement.
        monkeypatch.setattr(loop_database, "_GRACE_SECONDS", 3.0 if len(asked) > 1 else -29.9)
        return await execute(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(database, "execute", impatient_at_first)
    with stopped([backend]):
        assert (await gateway.submit()).startswith("250 2.0.0 ")
    assert len(asked) == 2
    await eventually(lambda: gateway.database(lambda: has_ended(backend)), 60)
    assert await gateway.database(Message.objects.count) == 2
    assert await gateway.database(Delivery.objects.count) == 2


async def test_a_redis_that_hangs_holds_up_no_mail(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        client = redis.Redis(port=port, socket_timeout=5, socket_connect_timeout=5, retry=None)
        monkeypatch.setattr(wake, "_client", client)
        started = time.monotonic()
        for _ in range(3):
            assert (await gateway.submit()).startswith("250 2.0.0 ")
        assert time.monotonic() - started < 5
        server.close()
        client.close()
        client.connection_pool.disconnect()


async def test_a_fault_in_a_hint_is_nothing_to_the_mail(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(wake._client, "publish", broken)
    assert (await gateway.submit()).startswith("250 2.0.0 ")


async def test_a_hint_after_a_failed_one_waits_and_is_sent_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [False, True]
    sent = []

    def send(*lanes: str) -> bool:
        sent.append(time.monotonic())
        return answers[len(sent) - 1]

    monkeypatch.setattr(wake, "send_hint", send)
    monkeypatch.setattr(wake, "_PAUSE_SECONDS", 0.2)
    waker = wake.Waker()
    waker.wake("trigger")
    async with asyncio.timeout(5):
        while not sent:  # noqa: ASYNC110 - a thread sets no event of the loop
            await asyncio.sleep(0.01)
        for _ in range(10):
            waker.wake("trigger")
        while len(sent) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    # The loop may wake a clock tick early.
    assert sent[1] - sent[0] >= 0.19
    await waker.close()
    assert len(sent) == 2


async def test_a_call_takes_no_connection_from_the_pool(gateway: Gateway) -> None:
    bridge = Bridge(database_threads=1)
    await bridge.database(Message.objects.count)

    def requests() -> int:
        return int(connection.pool.get_stats()["requests_num"])

    before = await bridge.database(requests)
    for _ in range(5):
        await bridge.database(Message.objects.count)
    assert await bridge.database(requests) == before
    bridge.close()


async def test_a_mail_that_is_durable_gets_one_reply_whatever_fails_behind_it(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no notes today")

    monkeypatch.setattr(gateway.services.last_use, "note", fail)
    async with gateway.session() as client:
        lines = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "DATA", as_data(MAIL), "NOOP"]
        replies = await client.talk(lines)
    assert replies[3].startswith("250 2.0.0 Ok: queued as ")
    assert replies[4] == "250 2.0.0 Ok"
    assert [record for record in caplog.records if record.getMessage() == "session.fault"]
