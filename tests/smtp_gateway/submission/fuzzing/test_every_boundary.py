"""The byte stream cut in two at every place there is, and into single bytes: always the same."""

import asyncio
from collections.abc import Callable

import pytest

from tests.smtp_gateway.submission.talking import APP, Client, Gateway, as_data, plain

LOG_IN = f"EHLO client.example\r\nAUTH PLAIN\r\n{plain()}\r\nNOOP\r\n".encode()
LOG_IN_CODES = ["250", "334", "235", "250"]
ENVELOPE = f"MAIL FROM:<{APP}>\r\nRCPT TO:<ann@home.example>\r\n".encode()


def make_mail(number: int) -> bytes:
    """All of one length."""
    header = f"From: {APP}\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n"
    return f"{header}Message-ID: <{number}@shop.example>\r\n\r\n.\r\n..\r\nHi\r\n\r\n.\r\n".encode()


def by_data(mail: bytes) -> bytes:
    return ENVELOPE + b"DATA\r\n" + as_data(mail)


def by_bdat(mail: bytes) -> bytes:
    first, last = mail[:20], mail[20:]
    return ENVELOPE + b"BDAT 20\r\n%bBDAT %d LAST\r\n%b" % (first, len(last), last)


async def say(client: Client, *pieces: bytes) -> None:
    for piece in pieces:
        client.writer.write(piece)
        # One turn to send, one in which the server reads.
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def codes(client: Client, count: int) -> list[str]:
    return [(await client.reply())[:3] for _ in range(count)]


@pytest.mark.parametrize(
    ("encode", "expected"),
    [(by_data, ["250", "250", "354", "250"]), (by_bdat, ["250", "250", "250", "250"])],
    ids=["DATA", "BDAT"],
)
async def test_a_mail_cut_at_every_place(
    gateway: Gateway, encode: Callable[[bytes], bytes], expected: list[str]
) -> None:
    places = range(len(encode(make_mail(1000))))
    async with gateway.session() as client:
        for place in places:
            stream = encode(make_mail(1000 + place))
            await say(client, stream[:place], stream[place:])
            assert await codes(client, len(expected)) == expected, place
    bodies = await gateway.bodies()
    assert len(bodies) == len(places)
    assert all(body.endswith(make_mail(1000 + place)) for place, body in enumerate(bodies))


async def test_a_log_in_cut_at_every_place(gateway: Gateway) -> None:
    gateway.configure(allow_plaintext_auth_on_loopback=True)
    for place in range(len(LOG_IN)):
        async with gateway.connect() as client:
            await say(client, LOG_IN[:place], LOG_IN[place:])
            assert await codes(client, len(LOG_IN_CODES)) == LOG_IN_CODES, place


async def test_a_session_in_single_bytes(gateway: Gateway) -> None:
    gateway.configure(allow_plaintext_auth_on_loopback=True)
    said = LOG_IN + by_data(make_mail(1)) + by_bdat(make_mail(2)) + b"QUIT\r\n"
    async with gateway.connect() as client:
        await say(client, *(said[place : place + 1] for place in range(len(said))))
        assert await codes(client, 4) == LOG_IN_CODES
        assert await codes(client, 9) == ["250", "250", "354", *["250"] * 5, "221"]
        assert await client.reply() == ""
    first, second = await gateway.bodies()
    assert first.endswith(make_mail(1))
    assert second.endswith(make_mail(2))
