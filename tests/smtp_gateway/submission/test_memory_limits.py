"""How much of a mail may lie in memory, and what becomes of one beyond it."""

import pytest

from smtp_gateway.models import RefusedMail
from tests.smtp_gateway.submission.limits import ENVELOPE, has_places, later, reset
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    Client,
    Gateway,
    as_data,
    eventually,
)

NO_MEMORY = "452 4.3.1 Insufficient system storage; try again later"


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


@pytest.mark.parametrize("command", ["DATA", "BDAT"])
async def test_the_mail_log_shows_that_there_was_no_memory(gateway: Gateway, command: str) -> None:
    gateway.configure(max_buffered_bytes=300_000)
    content = MAIL + ("y" * 98 + "\r\n") * 10_000
    chunk = f"BDAT {len(content)} LAST\r\n{content}".encode()
    rest = [ENVELOPE[2], as_data(content)] if command == "DATA" else [chunk]
    assert (await gateway.talk([*ENVELOPE[:2], *rest]))[-1] == NO_MEMORY
    for writer in gateway.services.background:
        await writer.flush()
    (row,) = await gateway.database(lambda: list(RefusedMail.objects.all()))
    assert (row.code, row.reply, row.recipients) == ("no-memory", NO_MEMORY, "ann@home.example")


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


async def all_read(gateway: Gateway, size_bytes: int) -> None:
    """As soon as so much of a mail has come in."""

    async def is_read() -> bool:
        sessions = gateway.services.connections
        mails = [session._incoming for session in sessions]  # type: ignore[attr-defined]
        return any(mail and mail.taken_bytes >= size_bytes for mail in mails)

    await eventually(is_read, 60)


async def test_a_refused_chunk_of_a_stranger_takes_no_room_of_others(gateway: Gateway) -> None:
    gateway.configure(max_buffered_bytes=400_000)
    async with gateway.connect() as stranger:
        stranger.send(b"BDAT 3000000\r\n" + b"x" * 399_000)
        await all_read(gateway, 399_000)
        assert gateway.services.buffered.held == 0
        assert (await gateway.submit()).startswith("250 2.0.0")


@pytest.mark.parametrize("line", ["y" * 98, "." * 98], ids=["plain", "dots"])
async def test_a_mail_that_is_too_large_takes_no_room_of_others(
    gateway: Gateway, line: str
) -> None:
    gateway.configure(max_buffered_bytes=400_000, max_message_bytes=100_000)
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        data = as_data(MAIL + f"{line}\r\n" * 30_000)
        client.send(data[:-5])
        await all_read(gateway, len(data) - 5)
        assert gateway.services.buffered.held == 0
        assert (await gateway.submit()).startswith("250 2.0.0")
        client.send(data[-5:])
        assert (await client.reply()).startswith("552 5.3.4")
        assert (await client.talk([*ENVELOPE, as_data(MAIL)]))[-1].startswith("250 2.0.0")


async def test_memory_that_runs_out_in_a_later_chunk_is_given_back_at_once(
    gateway: Gateway,
) -> None:
    gateway.configure(max_buffered_bytes=400_000)
    async with gateway.session() as client:
        await client.talk(ENVELOPE[:2])
        chunk = b"BDAT 300000\r\n" + b"x" * 300_000
        assert (await client.talk([chunk]))[0] == "250 2.0.0 300000 octets received"
        client.send(chunk[:-1])
        await all_read(gateway, 299_999)
        assert gateway.services.buffered.held == 0
        assert (await client.talk([chunk[-1:]]))[0] == NO_MEMORY


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
    assert await eventually(lambda: has_places(gateway))
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
