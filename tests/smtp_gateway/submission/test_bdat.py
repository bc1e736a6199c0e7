"""BDAT: a message in chunks (RFC 3030)."""

import asyncio

import pytest

from smtp_gateway.models import RefusedMail
from smtp_gateway.submission.chunk_reader import ChunkReader
from tests.smtp_gateway.submission.talking import APP, MAIL, Gateway

ENVELOPE = [f"MAIL FROM:<{APP}> BODY=8BITMIME", "RCPT TO:<ann@home.example>"]
BARE = "550 5.6.0 Message has a bare CR, a bare LF or a NUL; lines end in CR LF"
OK = "250 2.0.0 Ok"
OUT_OF_STEP = "421 4.5.0 Cannot tell commands from mail any more; closing connection"


def bdat(content: str | bytes, *, last: bool = False) -> bytes:
    octets = content if isinstance(content, bytes) else content.encode()
    return b"BDAT %d%s\r\n" % (len(octets), b" LAST" if last else b"") + octets


async def test_a_mail_comes_in_one_chunk(gateway: Gateway) -> None:
    text = MAIL + ".\r\n..\r\n.dots stay\r\n"
    replies = await gateway.talk([*ENVELOPE, bdat(text, last=True), "NOOP"])
    (message,) = await gateway.messages()
    assert replies[2:] == [f"250 2.0.0 Ok: queued as {message.queue_id}", OK]
    assert bytes(message.content.body).endswith(text.encode())


async def test_a_mail_comes_in_many_chunks_cut_anywhere(gateway: Gateway) -> None:
    text = MAIL + "Grüße\r\n"
    octets = text.encode()
    chunks = [bdat(octets[at : at + 3]) for at in range(0, len(octets), 3)]
    replies = await gateway.talk([*ENVELOPE, *chunks, b"bdat 0 last\r\n"])
    assert replies[2] == "250 2.0.0 3 octets received"
    assert replies[-1].startswith("250 2.0.0 Ok: queued as ")
    assert (await gateway.bodies())[0].endswith(octets)


async def test_a_pipelined_transaction_is_answered_in_order(gateway: Gateway) -> None:
    async with gateway.session() as client:
        lines = "".join(f"{line}\r\n" for line in ENVELOPE).encode()
        client.send(lines + bdat(MAIL[:50]) + bdat(MAIL[50:], last=True) + b"NOOP\r\n")
        replies = [await client.reply() for _ in range(5)]
    assert replies[2] == "250 2.0.0 50 octets received"
    assert replies[3].startswith("250 2.0.0 Ok: queued as ")
    assert replies[4] == OK


async def test_a_chunk_may_come_byte_by_byte(gateway: Gateway) -> None:
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        for octet in bdat(MAIL, last=True):
            client.send(bytes([octet]))
            await client.writer.drain()
            await asyncio.sleep(0)
        assert (await client.reply()).startswith("250 2.0.0 Ok: queued as ")


async def test_a_last_chunk_without_a_line_end_gets_one(gateway: Gateway) -> None:
    await gateway.talk([*ENVELOPE, bdat(MAIL + "the end", last=True)])
    assert (await gateway.bodies())[0].endswith(b"the end\r\n")


@pytest.mark.parametrize(
    "odd", [b"a\rb", b"a\nb", b"a\0b", b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r"]
)
async def test_bare_controls_are_refused_and_nothing_is_split(gateway: Gateway, odd: bytes) -> None:
    smuggled = f"MAIL FROM:<{APP}>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n{MAIL}\r\n.\r\n".encode()
    content = MAIL.encode() + odd + smuggled
    assert (await gateway.talk([*ENVELOPE, bdat(content, last=True), "NOOP"]))[2:] == [BARE, OK]
    for cut in (len(MAIL), len(MAIL) + 1, len(MAIL) + 2):
        chunks = [bdat(content[:cut]), bdat(content[cut:], last=True)]
        assert (await gateway.talk([*ENVELOPE, *chunks]))[-1] == BARE
    assert await gateway.messages() == []


async def test_the_end_of_data_ends_no_chunk(gateway: Gateway) -> None:
    text = MAIL + "\r\n.\r\nMAIL FROM:<x>\r\n"
    await gateway.talk([*ENVELOPE, bdat(text, last=True)])
    assert (await gateway.bodies())[0].endswith(text.encode())


async def test_a_chunk_that_is_refused_is_never_taken_for_commands(gateway: Gateway) -> None:
    smuggled = "QUIT\r\n"
    assert await gateway.talk([bdat(smuggled), "NOOP", ENVELOPE[0], bdat(smuggled), "NOOP"]) == [
        "503 5.5.1 Send MAIL first",
        OK,
        "250 2.1.0 Sender ok",
        "503 5.5.1 Send RCPT first",
        OK,
    ]
    assert (await gateway.talk([bdat(smuggled, last=True), "NOOP"], log_in=False))[1] == OK


async def test_after_a_refused_mail_its_pipelined_chunks_are_refused_too(gateway: Gateway) -> None:
    lines = ["MAIL FROM:<eve@evil.example>", ENVELOPE[1], bdat(MAIL[:20]), bdat("x", last=True)]
    replies = await gateway.talk([*lines, "NOOP"])
    assert [reply[:9] for reply in replies] == ["553 5.7.1", *["503 5.5.1"] * 3, "250 2.0.0"]


async def test_bdat_and_data_do_not_mix(gateway: Gateway) -> None:
    lines = [*ENVELOPE, bdat(MAIL[:20]), "DATA", "RCPT TO:<b@b.example>", f"MAIL FROM:<{APP}>"]
    replies = await gateway.talk([*lines, bdat(MAIL[20:], last=True)])
    assert replies[3:6] == [
        "503 5.5.1 BDAT has begun the message; send the rest with BDAT",
        "503 5.5.1 BDAT has begun the message; send RSET for another envelope",
        "503 5.5.1 A mail transaction is open already; send RSET to drop it",
    ]
    assert replies[6].startswith("250 2.0.0 Ok: queued as ")


@pytest.mark.parametrize("reset", ["RSET", "EHLO client.example"])
async def test_a_reset_forgets_the_chunks(gateway: Gateway, reset: str) -> None:
    lines = [*ENVELOPE, bdat("garbage"), reset, bdat("more"), *ENVELOPE, bdat(MAIL, last=True)]
    replies = await gateway.talk(lines)
    assert replies[4] == "503 5.5.1 Send MAIL first"
    assert replies[-1].startswith("250 2.0.0 Ok: queued as ")
    assert b"garbage" not in (await gateway.bodies())[0]


async def test_the_size_limit_counts_all_chunks(gateway: Gateway) -> None:
    gateway.configure(max_message_bytes=1000)
    too_large = "552 5.3.4 Message too large; the limit is 1000 bytes"
    rest = bdat("y" * 10, last=True)
    lines = [*ENVELOPE, bdat("x" * 600), bdat("x" * 600), rest, *ENVELOPE, bdat("x" * 1001), rest]
    replies = await gateway.talk([*lines, "NOOP"])
    assert replies[3:5] == [too_large, "503 5.5.1 Send MAIL first"]
    assert replies[7:] == [too_large, "503 5.5.1 Send MAIL first", OK]
    for writer in gateway.services.background:
        await writer.flush()
    codes = await gateway.database(lambda: list(RefusedMail.objects.values_list("code", "reply")))
    assert codes == [("too-large", too_large)] * 2


@pytest.mark.parametrize("line", ["BDAT", "BDAT LAST", "BDAT x LAST", "BDAT 5 FIRST", "BDAT -1"])
async def test_a_chunk_of_unknown_size_ends_the_session(gateway: Gateway, line: str) -> None:
    async with gateway.session() as client:
        client.send(f"{line}\r\nMAIL FROM:<{APP}>\r\n".encode())
        assert await client.reply() == "501 5.5.4 Syntax: BDAT size [LAST]"
        assert await client.reply() == OUT_OF_STEP
        assert await client.reader.read() == b""


@pytest.mark.parametrize("log_in", [True, False])
async def test_a_refused_chunk_beyond_two_mails_ends_the_session(
    gateway: Gateway, log_in: bool
) -> None:
    gateway.configure(max_message_bytes=1000)
    async with gateway.session() if log_in else gateway.connect() as client:
        first, second = await client.talk([bdat("x" * 2000), "BDAT 2001"])
        assert first == "503 5.5.1 Send MAIL first"
        assert second == "552 5.3.4 Chunk far beyond the size limit"
        assert await client.reply() == OUT_OF_STEP
        assert await client.reader.read() == b""


async def test_an_absurd_chunk_is_not_even_read(gateway: Gateway) -> None:
    async with gateway.session() as client:
        assert (await client.talk([*ENVELOPE, "BDAT 99999999999999999999 LAST"]))[-1] == (
            "552 5.3.4 Chunk far beyond the size limit"
        )
        assert await client.reply() == OUT_OF_STEP
        assert await client.reader.read() == b""


async def test_headers_are_judged_as_with_data(gateway: Gateway) -> None:
    for content in ("Subject: x\r\n\r\n", ""):
        assert (await gateway.talk([*ENVELOPE, bdat(content, last=True)]))[-1] == (
            "550 5.7.1 Message has no From header; add From: with the sender address"
        )


# --- The reader alone ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_a_chunk_is_the_same_however_it_arrives(size: int) -> None:
    stream = b"0123456789\r\n.\r\nNEXT"
    reader = ChunkReader(10, content := bytearray(b"before"))
    for at in range(0, len(stream), size):
        if (rest := reader.feed(stream[at : at + size])) is not None:
            break
    assert bytes(content) == b"before0123456789"
    assert rest is not None
    assert rest + stream[at + size :] == b"\r\n.\r\nNEXT"


def test_nothing_of_a_refused_chunk_is_kept() -> None:
    reader = ChunkReader(10, None)
    assert reader.feed(b"012345678") is None
    assert reader.feed(b"9QUIT") == b"QUIT"


def test_a_mail_that_is_given_up_in_a_later_chunk_takes_no_more_memory() -> None:
    reader = ChunkReader(10, content := bytearray(b"before"))
    assert reader.feed(b"01234") is None
    reader.give_up()
    assert reader.feed(b"56789QUIT") == b"QUIT"
    assert not content
