"""How long one client may take, and what becomes of who stops sending, or goes."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from smtp_gateway.submission.protocol import SubmissionProtocol
from tests.smtp_gateway.submission.limits import ENVELOPE, ended, has_places, later, reset
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    PASSWORD,
    Client,
    Gateway,
    as_data,
    eventually,
)

TIMED_OUT = "421 4.4.2 Timed out waiting for the client; closing connection"


async def test_a_command_that_never_ends_is_timed_out_however_it_trickles(
    gateway: Gateway,
) -> None:
    async with gateway.connect() as client:
        later(gateway, minutes=4)
        client.send(b"NO")
        await asyncio.sleep(0)
        later(gateway, minutes=5.1)
        assert await client.reply() == TIMED_OUT
        assert await ended(client)


async def test_data_that_stops_is_timed_out(gateway: Gateway) -> None:
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        client.send(MAIL)
        later(gateway, minutes=3.1)
        assert await client.reply() == TIMED_OUT
    assert await gateway.messages() == []


async def test_data_that_goes_on_and_on_is_timed_out(gateway: Gateway) -> None:
    gateway.configure(data_total_timeout=timedelta(0))
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        client.send(b"Subject: slow\r\n")
        assert await client.reply() == TIMED_OUT


async def test_a_session_that_brings_no_mail_is_ended_whatever_it_says(gateway: Gateway) -> None:
    gateway.configure(idle_timeout=timedelta(0))
    async with gateway.connect() as client:
        assert await client.reply() == TIMED_OUT
        assert await ended(client)


@pytest.mark.parametrize("minutes", [4.9, 5.1])
async def test_what_waits_for_us_has_a_limit_of_its_own(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, minutes: float
) -> None:
    # Shorter ones are about the client.
    gateway.configure(command_timeout=timedelta(0), idle_timeout=timedelta(0))
    submissions = []
    monkeypatch.setattr(
        gateway.services.intake, "hand_in", lambda *given: submissions.append(given)
    )
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        client.send(as_data(MAIL))

        async def handed_in() -> bool:
            return bool(submissions)

        await eventually(handed_in)
        later(gateway, minutes=minutes)
        monkeypatch.undo()
        gateway.services.intake.hand_in(*submissions[0])
        if minutes < 5:
            assert (await client.reply()).startswith("250 2.0.0")
        else:
            assert await client.reply() == (
                "421 4.3.0 Temporary problem at our side that lasts; closing connection"
            )
            assert await ended(client)
    # Whoever was told nothing keeps no place, and what was under way finds its end.
    await eventually(gateway.no_connections)
    await eventually(lambda: has_places(gateway))
    assert len(await eventually(gateway.messages)) == 1


async def test_who_reads_nothing_and_leaves_during_a_commit_gives_its_place_back(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    submissions = []
    monkeypatch.setattr(
        gateway.services.intake, "hand_in", lambda *given: submissions.append(given)
    )
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        client.send(as_data(MAIL))

        async def handed_in() -> bool:
            return bool(submissions)

        await eventually(handed_in)
        (session,) = gateway.services.connections
        assert isinstance(session, SubmissionProtocol)
        # As asyncio calls it where replies pile up.
        session.pause_writing()
        client.writer.transport.abort()

        async def is_lost() -> bool:
            return session.channel is None

        await eventually(is_lost)
    monkeypatch.undo()
    gateway.services.intake.hand_in(*submissions[0])
    await eventually(gateway.no_connections)
    assert await has_places(gateway)
    assert len(await gateway.messages()) == 1


async def test_who_does_not_read_the_last_reply_is_dropped(gateway: Gateway) -> None:
    async with gateway.connect() as client:
        (session,) = gateway.services.connections
        client.writer.transport.pause_reading()
        # More than the sockets between us hold.
        session.send(b"250 2.0.0 " + b"x" * 8_000_000 + b"\r\n")
        session.finish()
        assert gateway.services.lingering == {session}
        assert session.lying_bytes > 0
        later(gateway, seconds=11)

        async def dropped() -> bool:
            return not gateway.services.lingering

        await eventually(dropped)
    assert await eventually(lambda: has_places(gateway))


def half_close(client: Client) -> None:
    client.writer.write_eof()


@pytest.mark.parametrize("leave", [half_close, reset])
async def test_a_mail_is_committed_once_although_its_client_leaves_behind_the_dot(
    gateway: Gateway, leave: Callable[[Client], None]
) -> None:
    gateway.configure(allow_plaintext_auth_on_loopback=True)
    async with gateway.connect() as client:
        await client.log_in(APP, PASSWORD)
        await client.talk(ENVELOPE)
        client.send(as_data(MAIL))
        await client.writer.drain()
        # Behind the data in one burst, as soon as the kernel has taken it.
        await eventually(lambda: _arrived(gateway))
        leave(client)
        if leave is half_close:
            assert (await client.reply()).startswith("250 2.0.0")
            assert await ended(client)
    await eventually(gateway.no_connections)
    assert len(await gateway.messages()) == 1
    assert gateway.services.buffered.held == 0


async def _arrived(gateway: Gateway) -> bool:
    return gateway.services.buffered.held > 0 or bool(await gateway.messages())
