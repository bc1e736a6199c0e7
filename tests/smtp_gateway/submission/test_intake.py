"""Accepted means committed: group commit, faults of the database, the last use of an address."""

import asyncio
import contextlib
import dataclasses
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.utils import timezone

from senders.models import SenderAddress
from smtp_gateway import queue
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.models import Delivery, Message
from smtp_gateway.queue import Submission
from smtp_gateway.queue_id import new_queue_id
from smtp_gateway.submission.intake import Intake
from tests.smtp_gateway.submission.talking import APP, MAIL, Gateway, as_data, eventually

TRY_LATER = "451 4.3.0 Temporary problem at our side; try again later"
ENVELOPE = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "DATA"]


def make_submission(**changed: object) -> Submission:
    now = timezone.now()
    submission = Submission(
        queue_id=new_queue_id(),
        origin="smtp",
        mail_type="trigger",
        sender_address=APP,
        mail_from=APP,
        recipients=["ann@home.example", "bob@home.example"],
        content=MAIL.encode(),
        accepted_at=now,
        expires_at=now + timedelta(days=1),
    )
    return dataclasses.replace(submission, **changed)  # type: ignore[arg-type]


async def commit(intake: Intake, submission: Submission) -> bool:
    """What the intake says of `submission`."""
    said: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    intake.hand_in(submission, said.set_result)
    return await said


@pytest.fixture
async def intake(gateway: Gateway) -> AsyncIterator[Intake]:
    intake = Intake(LoopDatabase())
    yield intake
    await intake.close()


@pytest.fixture
def own_backend(sender: SenderAddress) -> int:
    """The process of PostgreSQL that serves the test's own thread."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


async def test_submissions_that_wait_are_committed_together(
    gateway: Gateway, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    accept = queue.accept_on

    async def counted(database, submissions, *, again):
        sizes.append(len(submissions))
        await accept(database, submissions, again=again)

    monkeypatch.setattr(queue, "accept_on", counted)
    results = await asyncio.gather(*(commit(intake, make_submission()) for _ in range(250)))
    assert all(results)
    assert sizes == [200, 50]
    assert await gateway.database(Delivery.objects.count) == 500


async def test_a_batch_is_bounded_in_bytes_too(
    gateway: Gateway, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    async def counted(database, submissions, *, again):
        sizes.append(len(submissions))

    monkeypatch.setattr(queue, "accept_on", counted)
    large = make_submission(content=b"x" * 3 * 1024 * 1024)
    await asyncio.gather(*(commit(intake, large) for _ in range(5)))
    assert sizes == [2, 2, 1]


async def test_one_mail_that_cannot_be_stored_fails_alone(gateway: Gateway, intake: Intake) -> None:
    good = [make_submission() for _ in range(3)]
    bad = [
        make_submission(subject="nul \0"),
        make_submission(subject="surrogate \ud800"),
        make_submission(queue_id=good[0].queue_id),
        make_submission(mail_from="x" * 400),
        # Random, so that it cannot be compressed below what an index page takes.
        make_submission(message_id=secrets.token_hex(5000)),
    ]
    results = await asyncio.gather(*(commit(intake, mail) for mail in (*good, *bad)))
    assert results == [True] * 3 + [False] * 5
    assert await gateway.database(Message.objects.count) == 3


async def test_what_was_kept_before_the_database_went_away_is_said_to_be_kept(
    gateway: Gateway, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad, late = make_submission(), make_submission(subject="nul \0"), make_submission()
    accept = queue.accept_on

    async def goes_away(database, submissions, *, again):
        if [*submissions] == [late]:
            raise OperationalError("canceling statement due to statement timeout")
        await accept(database, submissions, again=again)

    monkeypatch.setattr(queue, "accept_on", goes_away)
    results = await asyncio.gather(*(commit(intake, mail) for mail in (good, bad, late)))
    assert results == [True, False, False]
    assert await gateway.database(Message.objects.count) == 1


async def test_closing_waits_until_everything_handed_in_is_committed(
    gateway: Gateway, intake: Intake
) -> None:
    said: list[bool] = []
    intake.hand_in(make_submission(), said.append)
    await intake.close()
    assert said == [True]
    assert await gateway.database(Message.objects.count) == 1


async def test_one_that_cannot_be_told_stops_nobody_elses_news(
    gateway: Gateway, intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_is_accepted: bool) -> None:
        raise RuntimeError("gone")

    intake.hand_in(make_submission(), broken)
    assert await commit(intake, make_submission())
    assert "intake.fault" in caplog.messages


async def test_an_unexpected_fault_is_temporary_and_tells_nothing(
    gateway: Gateway,
    intake: Intake,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(database, submissions, *, again):
        raise RuntimeError("secret cause")

    with monkeypatch.context() as patch:
        patch.setattr(queue, "accept_on", broken)
        assert await gateway.submit() == TRY_LATER
    assert "intake.fault" in caplog.messages
    assert (await gateway.submit()).startswith("250 2.0.0 ")


async def test_a_fault_in_a_command_is_temporary_and_the_session_goes_on(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with gateway.session() as client:
        with monkeypatch.context() as patch:
            patch.setattr(gateway.services, "authentication", None)
            assert await client.talk([f"MAIL FROM:<{APP}>"]) == [TRY_LATER]
        assert await client.talk([f"MAIL FROM:<{APP}>"]) == ["250 2.1.0 Sender ok"]
    assert "session.fault" in caplog.messages


async def test_the_last_use_of_an_address_is_noted(gateway: Gateway, sender: SenderAddress) -> None:
    await gateway.submit()
    await gateway.services.last_use.flush()
    (message,) = await gateway.messages()
    await gateway.database(sender.refresh_from_db)
    assert sender.smtp_last_used_at == message.accepted_at


async def test_one_line_is_logged_for_an_accepted_mail(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await gateway.submit()
    (message,) = await gateway.messages()
    (record,) = [record for record in caplog.records if record.getMessage() == "mail.accepted"]
    facts = vars(record)
    wanted = {"sender": APP, "recipients": 1, "size": message.size_bytes, "ip": "127.0.0.1"}
    assert facts.items() >= wanted.items()


# --- The database away ---------------------------------------------------------------------------


class Wire:
    """A relay of bytes between the gateway and PostgreSQL that can be cut."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, path: Path) -> None:
        self._server = await asyncio.start_unix_server(self._connected, path)

    async def cut(self) -> None:
        """Drops every connection and takes no new one."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writers.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(self._target)
        self._writers |= {writer, back}
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(_pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await source.read(65536):
            sink.write(chunk)
            await sink.drain()
    sink.close()


@pytest.fixture
async def wire(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wire]:
    """Puts a wire that can be cut between the gateway's threads and PostgreSQL."""
    directory = Path(settings.VAR_DIR) / new_queue_id()
    directory.mkdir()
    options = connections.settings["default"]
    host = options["HOST"]
    wire = Wire(f"{host}/.s.PGSQL.5432")
    await wire.open(directory / ".s.PGSQL.5432")
    await gateway.database(connection.close_pool)
    gateway.services.intake._database.drop()
    gateway.services.authentication._senders._database.drop()
    pool = options["OPTIONS"]["pool"]
    options["OPTIONS"]["pool"] = pool | {"timeout": 0.5, "reconnect_timeout": 0.5}
    options["HOST"] = str(directory)
    yield wire
    options["OPTIONS"]["pool"] = pool
    options["HOST"] = host
    await wire.cut()
    await gateway.database(connection.close_pool)


async def test_with_the_database_away_mail_is_refused_for_now_and_later_accepted(
    gateway: Gateway, wire: Wire
) -> None:
    path = Path(connections.settings["default"]["HOST"]) / ".s.PGSQL.5432"
    gateway.configure(max_fruitless_commands=100_000)
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        await wire.cut()
        assert await client.talk([as_data(MAIL)]) == [TRY_LATER]
        gateway.services.authentication._senders._known.clear()
        assert await client.talk([f"MAIL FROM:<{APP}>"]) == [TRY_LATER]
        path.unlink(missing_ok=True)
        await wire.open(path)

        async def accepted() -> bool:
            replies = await client.talk(["RSET", f"MAIL FROM:<{APP}>"])
            return replies[1].startswith("250 ")

        assert await eventually(accepted, 20)
        replies = await client.talk([*ENVELOPE[1:], as_data(MAIL)])
        assert replies[-1].startswith("250 2.0.0 Ok: queued as ")
    assert len(await gateway.messages()) == 1


async def test_connections_that_the_server_ended_are_not_noticed_by_clients(
    gateway: Gateway, own_backend: int
) -> None:
    def end_all_others() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
                [own_backend],
            )

    await asyncio.gather(*(gateway.submit() for _ in range(5)))
    await gateway.database(end_all_others)
    assert (await gateway.submit()).startswith("250 2.0.0 ")
