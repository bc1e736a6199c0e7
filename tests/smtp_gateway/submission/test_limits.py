"""How much one client may have: connections, mails, time, memory; and what it is told then."""

import asyncio
import dataclasses
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from smtp_gateway.identity import Sender
from smtp_gateway.submission.admission import Admission
from smtp_gateway.submission.protocol import SubmissionProtocol
from smtp_gateway.submission.shared_counts import SharedCounts
from smtp_gateway.submission.suppression import Suppressed
from smtp_gateway.submission.sweeper import sweep
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    PASSWORD,
    Client,
    Gateway,
    as_data,
    eventually,
    insecure_context,
    make_sender,
    plain,
)

TIMED_OUT = "421 4.4.2 Timed out waiting for the client; closing connection"
NO_MEMORY = "452 4.3.1 Insufficient system storage; try again later"
FULL = "421 4.3.2 Too many connections; try again later"
ENVELOPE = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "DATA"]


async def greeting(gateway: Gateway, *, tls: bool = False) -> tuple[str, Client]:
    context = insecure_context() if tls else None
    port = gateway.server.ports[1 if tls else 0]
    client = Client(*await asyncio.open_connection("127.0.0.1", port, ssl=context))
    return await client.reply(), client


async def ended(client: Client) -> bool:
    async with asyncio.timeout(5):
        return await client.reader.read() == b""


def later(gateway: Gateway, **passed: float) -> None:
    """Lets the sweeper look when so much time has passed."""
    now = asyncio.get_running_loop().time() + timedelta(**passed).total_seconds()
    sweep(gateway.services, now)


# --- Connections ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", [False, True])
async def test_one_connection_too_many_is_told_so_and_closed(gateway: Gateway, tls: bool) -> None:
    gateway.configure(max_connections=1)
    async with gateway.connect():
        reply, refused = await greeting(gateway, tls=tls)
        assert reply == FULL
        assert await ended(refused)
        refused.writer.close()
    await eventually(gateway.no_connections)
    await eventually(lambda: _has_places(gateway))
    async with gateway.connect(tls=tls):
        pass


async def _has_places(gateway: Gateway) -> bool:
    return gateway.services.admission._row.connections == 0


async def test_connections_of_one_ip_are_limited_save_from_where_nothing_is(
    gateway: Gateway,
) -> None:
    gateway.configure(max_connections_per_ip=1)
    async with gateway.connect(), gateway.connect():
        gateway.configure(unlimited_networks=())
        async with gateway.connect():
            reply, refused = await greeting(gateway)
            assert reply == "421 4.7.0 Too many connections from your IP address"
            refused.writer.close()


async def test_connections_of_one_user_name_are_limited(gateway: Gateway) -> None:
    await gateway.database(lambda: make_sender("other@shop.example"))
    gateway.configure(max_connections_per_sender=1)
    async with gateway.session():
        async with gateway.connect(tls=True) as client:
            assert (await client.talk(["EHLO c", f"AUTH PLAIN {plain()}"]))[1] == (
                "421 4.7.0 Too many connections of this user name"
            )
            assert await ended(client)
        async with gateway.session("other@shop.example"):
            pass
    await eventually(lambda: _has_places(gateway))
    async with gateway.session():
        pass


async def test_workers_share_their_limits(gateway: Gateway) -> None:
    counts = SharedCounts(2)
    gateway.services.admission = Admission(counts.row(0))
    gateway.configure(max_connections=2)
    counts.row(1).add_connection()
    async with gateway.connect():
        reply, refused = await greeting(gateway)
        assert reply == FULL
        refused.writer.close()
        counts.forget(1)
        async with gateway.connect():
            pass


async def test_a_place_is_given_back_however_a_connection_ends(gateway: Gateway) -> None:
    gateway.configure(max_connections_per_ip=1, max_connections=1, unlimited_networks=())
    gateway.configure(max_connections_per_sender=1)
    for end in ("quit", "close", "reset", "tls"):
        async with gateway.connect(tls=end == "tls") as client:
            if end == "tls":
                await client.log_in()
            elif end == "quit":
                await client.talk(["QUIT"])
            elif end == "reset":
                client.writer.transport.abort()
        await eventually(lambda: _has_places(gateway))
    async with gateway.connect():
        pass


async def test_defaults_allow_a_thousand_sessions_from_this_machine(gateway: Gateway) -> None:
    clients = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(600)]
    clients += [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(400)]

    async def all_are_there() -> bool:
        return len(gateway.services.connections) == 1000

    await eventually(all_are_there)
    for client in clients:
        client.close()
    await eventually(gateway.no_connections)


# --- One session ----------------------------------------------------------------------------------


async def test_after_its_last_mail_a_session_is_asked_to_connect_again(gateway: Gateway) -> None:
    gateway.configure(max_mails_per_session=1)
    async with gateway.session() as client:
        assert (await client.talk([*ENVELOPE, as_data(MAIL)]))[-1].startswith("250 2.0.0")
        assert await client.talk([f"MAIL FROM:<{APP}>"]) == [
            "421 4.7.0 Too many mails on one connection; connect again to send more"
        ]
        assert await ended(client)


async def test_recipients_of_a_session_are_limited(gateway: Gateway) -> None:
    gateway.configure(max_recipients_per_session=2)
    async with gateway.session() as client:
        to = [f"RCPT TO:<ann{number}@home.example>" for number in range(3)]
        replies = await client.talk([f"MAIL FROM:<{APP}>", *to, "DATA", as_data(MAIL)])
        assert replies[3] == (
            "452 4.5.3 Too many recipients on one connection; connect again to send the rest"
        )
        assert replies[-1].startswith("250 2.0.0")
        assert (await client.talk([f"MAIL FROM:<{APP}>"]))[0].startswith("421 4.7.0")


async def test_errors_are_limited(gateway: Gateway) -> None:
    gateway.configure(max_errors=2)
    async with gateway.connect() as client:
        assert (await client.talk(["FOO", "BAR", "BAZ"]))[-1].startswith("500 5.5.1")
        assert await client.reply() == "421 4.7.0 Too many errors; closing connection"


# --- Time -----------------------------------------------------------------------------------------


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


async def test_what_waits_for_us_is_never_timed_out(
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
        later(gateway, hours=1)
        monkeypatch.undo()
        gateway.services.intake.hand_in(*submissions[0])
        assert (await client.reply()).startswith("250 2.0.0")


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
    assert await _has_places(gateway)
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
    assert await eventually(lambda: _has_places(gateway))


# --- Memory ---------------------------------------------------------------------------------------


async def test_a_mail_beyond_the_watermark_is_drained_and_refused(gateway: Gateway) -> None:
    gateway.configure(max_buffered_bytes=300_000)
    async with gateway.session() as client:
        big = as_data(MAIL + "x" * 98 + "\r\n" + ("y" * 98 + "\r\n") * 10_000)
        assert (await client.talk([*ENVELOPE, big]))[-1] == NO_MEMORY
        assert gateway.services.buffered.held == 0
        # In step, and with all memory back.
        assert (await client.talk([*ENVELOPE, as_data(MAIL)]))[-1].startswith("250 2.0.0")
    assert len(await gateway.messages()) == 1
    assert gateway.services.buffered.held == 0


async def test_the_mail_that_goes_beyond_is_refused_and_no_other(gateway: Gateway) -> None:
    gateway.configure(max_buffered_bytes=400_000)
    async with gateway.session() as first, gateway.session() as second:
        await first.talk(ENVELOPE)
        await second.talk(ENVELOPE)
        data = as_data(MAIL + ("y" * 98 + "\r\n") * 2_500)
        first.send(data[:-5])

        async def held() -> bool:
            return gateway.services.buffered.held > 240_000

        await eventually(held)
        second.send(data)
        assert await second.reply() == NO_MEMORY
        first.send(data[-5:])
        assert (await first.reply()).startswith("250 2.0.0")


async def test_with_no_room_at_all_no_mail_is_begun(gateway: Gateway) -> None:
    async with gateway.session() as client:
        gateway.services.buffered.held += 10**9
        assert await client.talk([f"MAIL FROM:<{APP}>"]) == [NO_MEMORY]
        gateway.services.buffered.held -= 10**9
        assert (await client.talk([f"MAIL FROM:<{APP}>"]))[0].startswith("250 2.1.0")


@pytest.mark.parametrize("way", ["refused", "dropped", "rejected"])
async def test_memory_is_given_back_whatever_becomes_of_a_mail(gateway: Gateway, way: str) -> None:
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        if way == "dropped":
            client.send(MAIL * 100)
        else:
            message = MAIL.replace("app@", "other@") if way == "refused" else "no header\r\n"
            client.send(as_data(message))
            assert (await client.reply()).startswith("550")
            assert gateway.services.buffered.held == 0
    await eventually(gateway.no_connections)
    assert await eventually(lambda: _has_places(gateway))
    assert gateway.services.buffered.held == 0


LARGE = as_data(MAIL + ("y" * 98 + "\r\n") * 15_000)


async def begin_large_mails(gateway: Gateway, first: Client, second: Client) -> None:
    """Both have sent all but the final dot; the second waits in its client."""
    gateway.configure(max_message_bytes=2_000_000)
    for client in (first, second):
        await client.talk(ENVELOPE)
        client.send(LARGE[:-5])

        async def large_one_arrived() -> bool:
            return gateway.services.buffered.held > 1_400_000

        await eventually(large_one_arrived)
    await eventually(lambda: _is_held_back(gateway))


async def _is_held_back(gateway: Gateway) -> bool:
    return any(session.is_held_back for session in gateway.services.connections)  # type: ignore[attr-defined]


async def test_large_mails_that_come_at_once_are_read_one_after_another(gateway: Gateway) -> None:
    async with gateway.session() as first, gateway.session() as second:
        await begin_large_mails(gateway, first, second)
        second.send(LARGE[-5:])
        first.send(LARGE[-5:])
        assert (await first.reply()).startswith("250 2.0.0")
        assert (await second.reply()).startswith("250 2.0.0")
    assert len({len(body) for body in await gateway.bodies()}) == 1


@pytest.mark.parametrize("way", ["slow", "gone"])
async def test_a_large_mail_does_not_wait_for_ever_for_the_one_before(
    gateway: Gateway, way: str
) -> None:
    async with gateway.session() as first, gateway.session() as second:
        await begin_large_mails(gateway, first, second)
        if way == "gone":
            reset(first)
        else:
            later(gateway, seconds=11)
        second.send(LARGE[-5:])
        assert (await second.reply()).startswith("250 2.0.0")


# --- Suppressed recipients ------------------------------------------------------------------------


async def test_a_suppressed_recipient_is_refused_with_a_reason(gateway: Gateway) -> None:
    asked: list[tuple[str, str]] = []

    def suppressed(sender: Sender, recipient: str) -> Suppressed | None:
        asked.append((sender.address, recipient))
        found = Suppressed("a mail bounced: no such mailbox", datetime(2026, 11, 1, tzinfo=UTC))
        return {
            "gone@home.example": dataclasses.replace(found, is_unknown_mailbox=True),
            "left@home.example": dataclasses.replace(found, reason="the recipient opted out"),
        }.get(recipient)

    gateway.services.suppressed = suppressed
    to = [f"RCPT TO:<{name}@home.example>" for name in ("gone", "left", "ann")]
    replies = await gateway.talk([f"MAIL FROM:<{APP}>", *to, "DATA", as_data(MAIL)])
    assert replies[1:4] == [
        "550 5.1.1 No mail is sent to this address since 2026-11-01: "
        "a mail bounced: no such mailbox",
        "550 5.7.1 No mail is sent to this address since 2026-11-01: the recipient opted out",
        "250 2.1.5 Recipient ok",
    ]
    assert asked[0] == (APP, "gone@home.example")
    assert replies[-1].startswith("250 2.0.0")


async def test_a_look_up_that_fails_is_a_temporary_refusal_with_a_log_line(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(sender: Sender, recipient: str) -> Suppressed | None:
        raise RuntimeError("secret cause")

    async with gateway.session() as client, gateway.session() as other:
        gateway.services.suppressed = broken
        replies = await client.talk(ENVELOPE[:2])
        assert replies[1] == "451 4.3.0 Temporary problem at our side; try again later"
        gateway.services.suppressed = lambda sender, recipient: None
        assert (await other.talk([*ENVELOPE, as_data(MAIL)]))[-1].startswith("250 2.0.0")
        assert (await client.talk([*ENVELOPE[1:], as_data(MAIL)]))[-1].startswith("250 2.0.0")
    (fault,) = [record for record in caplog.records if record.getMessage() == "session.fault"]
    assert len(fault.session_id) == 16  # type: ignore[attr-defined]


# --- Who stops sending, or goes -------------------------------------------------------------------


def half_close(client: Client) -> None:
    client.writer.write_eof()


def reset(client: Client) -> None:
    client.writer.transport.abort()


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
