"""DATA: where a message ends, what may be in it, how large it may be."""

import asyncio
import time
import tracemalloc

import pytest

from smtp_gateway.submission.data_reader import DataReader, has_bare_controls
from tests.smtp_gateway.submission.talking import APP, MAIL, Gateway, as_data, eventually

ENVELOPE = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "DATA"]
LOOK_ALIKES = [
    "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\n.\r", "\r\n\0.\r\n",
    "\r\r\n.\r\r\n", "a\rb", "a\nb", "a\0b",
]  # fmt: skip
BARE = "550 5.6.0 Message has a bare CR, a bare LF or a NUL; lines end in CR LF"


async def test_data_needs_a_recipient_and_no_argument(gateway: Gateway) -> None:
    lines = ["DATA", f"MAIL FROM:<{APP}>", "DATA", "RCPT TO:<a@b.example>", "DATA now", "DATA"]
    assert await gateway.talk(lines) == [
        "503 5.5.1 Send MAIL first",
        "250 2.1.0 Sender ok",
        "503 5.5.1 Send RCPT first",
        "250 2.1.5 Recipient ok",
        "501 5.5.4 This command takes no argument",
        "354 End data with <CR><LF>.<CR><LF>",
    ]


async def test_a_mail_is_queued_with_its_envelope(gateway: Gateway) -> None:
    reply = await gateway.submit()
    (message,) = await gateway.messages()
    assert reply == f"250 2.0.0 Ok: queued as {message.queue_id}"
    assert (message.mail_from, message.sender_address, message.origin) == (APP, APP, "smtp")
    assert (message.subject, message.message_id) == ("Hello", "<1@shop.example>")
    assert (message.client_ip, message.client_name) == ("127.0.0.1", "client.example")
    assert message.mail_type == "trigger"
    assert (message.expires_at - message.accepted_at).total_seconds() == 24 * 3600
    assert bytes(message.content.body).endswith(MAIL.encode())


async def test_what_is_asked_about_reports_is_kept(gateway: Gateway) -> None:
    rcpt = "RCPT TO:<{}> {}"
    lines = [f"MAIL FROM:<{APP}> RET=HDRS ENVID=order+2042",
             rcpt.format("ann@home.example", "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bb@x.example"),
             rcpt.format("ann@home.example", "NOTIFY=NEVER"), "RCPT TO:<bob@home.example>", "DATA",
             as_data(MAIL)]  # fmt: skip
    assert (await gateway.talk(lines))[-1].startswith("250 2.0.0 Ok: queued as ")
    (message,) = await gateway.messages()
    assert (message.dsn_ret, message.dsn_envid) == ("HDRS", "order+2042")
    kept = await gateway.database(lambda: list(message.deliveries.order_by("recipient")))
    assert [(each.recipient, each.dsn_notify, each.dsn_orcpt) for each in kept] == [
        ("ann@home.example", "SUCCESS,FAILURE", "rfc822;a+2Bb@x.example"),
        ("bob@home.example", "", ""),
    ]


async def test_a_session_sends_one_mail_after_another(gateway: Gateway) -> None:
    async with gateway.session() as client:
        for _ in range(3):
            replies = await client.talk([*ENVELOPE, as_data(MAIL)])
            assert replies[-1].startswith("250 2.0.0 Ok: queued as ")
    assert len(await gateway.messages()) == 3


async def test_leading_dots_arrive_as_they_were_written(gateway: Gateway) -> None:
    text = MAIL + ".\r\n..\r\n.text\r\n...\r\n \r\n"
    await gateway.submit(text)
    (body,) = await gateway.bodies()
    assert body.endswith(text.encode())


async def test_very_long_lines_are_accepted(gateway: Gateway) -> None:
    text = MAIL + "x" * 1_000_000 + "\r\n"
    await gateway.submit(text)
    (body,) = await gateway.bodies()
    assert body.endswith(text.encode())


async def test_no_look_alike_ends_the_data(gateway: Gateway) -> None:
    smuggled = f"MAIL FROM:<{APP}>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n{MAIL}"
    async with gateway.session() as client:
        for look_alike in LOOK_ALIKES:
            await client.talk(ENVELOPE)
            message = f"{MAIL}{look_alike}{smuggled}\r\n.\r\n"
            assert await client.talk([message.encode(), "NOOP"]) == [BARE, "250 2.0.0 Ok"]
    assert await gateway.messages() == []


FAMILY = [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\n", b"\n.\r", b"\r.\r\n"]


@pytest.mark.parametrize("variant", FAMILY)
def test_only_the_end_of_data_ends_it_however_its_variants_are_cut(variant: bytes) -> None:
    stream = b"a" + variant + b"QUIT\r\n.\r\nNOOP\r\n"
    for first in range(len(stream)):
        for second in range(first, len(stream)):
            reader, behind, has_ended = DataReader(1000), b"", False
            for piece in (stream[:first], stream[first:second], stream[second:]):
                rest = piece if has_ended else reader.feed(piece)
                has_ended = has_ended or rest is not None
                behind += rest or b""
            assert behind == b"NOOP\r\n"
            assert has_bare_controls(reader.message())


async def test_an_empty_message_is_read_and_refused(gateway: Gateway) -> None:
    assert (await gateway.talk([*ENVELOPE, b".\r\n", "NOOP"]))[-2:] == [
        "550 5.7.1 Message has no From header; add From: with the sender address",
        "250 2.0.0 Ok",
    ]


async def test_commands_behind_the_data_are_answered(gateway: Gateway) -> None:
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        client.send(as_data(MAIL) + b"NOOP\r\nQUIT\r\n")
        assert (await client.reply()).startswith("250 2.0.0 Ok: queued as ")
        assert [await client.reply(), await client.reply()] == ["250 2.0.0 Ok", "221 2.0.0 Bye"]


async def test_the_end_of_data_may_come_in_pieces(gateway: Gateway) -> None:
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        for byte in as_data(MAIL):
            client.send(bytes([byte]))
            await client.writer.drain()
            await asyncio.sleep(0)
        assert (await client.reply()).startswith("250 2.0.0 Ok: queued as ")


async def test_a_message_over_the_limit_is_refused_in_step(gateway: Gateway) -> None:
    gateway.configure(max_message_bytes=1000)
    for body in ("x" * 1000, "x" * 3_000_000, "short\r\n" * 500_000):
        assert (await gateway.talk([*ENVELOPE, as_data(f"{MAIL}{body}\r\n"), "NOOP"]))[-2:] == [
            "552 5.3.4 Message too large; the limit is 1000 bytes",
            "250 2.0.0 Ok",
        ]
    assert await gateway.messages() == []


async def test_a_message_of_exactly_the_limit_is_accepted(gateway: Gateway) -> None:
    text = MAIL + ".\r\n" * 100
    gateway.configure(max_message_bytes=len(text))
    assert (await gateway.submit(text)).startswith("250 ")
    gateway.configure(max_message_bytes=len(text) - 1)
    assert (await gateway.submit(text)).startswith("552 5.3.4 ")


async def test_rset_forgets_the_envelope(gateway: Gateway) -> None:
    assert (await gateway.talk([*ENVELOPE[:2], "RSET", "DATA"]))[-1] == "503 5.5.1 Send MAIL first"


async def test_ehlo_forgets_the_envelope(gateway: Gateway) -> None:
    assert (await gateway.talk([*ENVELOPE[:2], "EHLO c", "DATA"]))[-1] == (
        "503 5.5.1 Send MAIL first"
    )


async def test_a_client_gone_after_the_final_dot_has_its_mail_queued_once(
    gateway: Gateway,
) -> None:
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        client.send(as_data(MAIL))
        await client.writer.drain()
        client.writer.transport.abort()
    assert len(await eventually(gateway.messages)) == 1


async def test_a_client_that_stops_sending_still_gets_its_reply(gateway: Gateway) -> None:
    gateway.configure(allow_plaintext_auth_on_loopback=True)
    async with gateway.connect() as client:
        await client.log_in()
        await client.talk(ENVELOPE)
        client.send(as_data(MAIL))
        client.writer.write_eof()
        assert (await client.reply()).startswith("250 2.0.0 Ok: queued as ")
        assert await client.reader.read() == b""


async def test_a_client_gone_within_the_data_leaves_nothing(gateway: Gateway) -> None:
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        client.send(MAIL)
    await eventually(gateway.no_connections)
    assert await gateway.messages() == []


@pytest.mark.parametrize("limit", ["command_timeout", "data_timeout"])
async def test_silence_ends_the_session(gateway: Gateway, limit: str) -> None:
    from_now_on = {limit: gateway.services.config.command_timeout / 1500}
    async with gateway.session() as client:
        if limit == "data_timeout":
            await client.talk(ENVELOPE)
            gateway.configure(**from_now_on)
            client.send("From: a@b.example")
        else:
            gateway.configure(**from_now_on)
            await client.talk(["NOOP"])
        assert await client.reply() == (
            "421 4.4.2 Timed out waiting for the client; closing connection"
        )
        assert await client.reader.read() == b""


# --- The reader alone ----------------------------------------------------------------------------


def read(stream: bytes, chunk_bytes: int, limit: int = 10_000) -> tuple[DataReader, bytes]:
    reader = DataReader(limit)
    for start in range(0, len(stream), chunk_bytes):
        rest = reader.feed(stream[start : start + chunk_bytes])
        if rest is not None:
            return reader, rest + stream[start + chunk_bytes :]
    raise AssertionError("no end")


@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 4, 5, 7, 1000])
@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\r\n",
        b"a\r\n",
        b".\r\n",
        b"..\r\n.\r\n",
        b"\r\n.\r\n\r\n",
        b"a\r\n.b\r\n.\r\n",
        b"\n.\r\n",
    ],
)
def test_any_cut_gives_the_same_message(message: bytes, chunk_bytes: int) -> None:
    reader, rest = read(as_data(message) + b"NEXT\r\n.\r\n", chunk_bytes)
    assert (reader.message(), rest, reader.is_too_large) == (message, b"NEXT\r\n.\r\n", False)


def test_memory_stays_bounded_without_any_line_end() -> None:
    reader = DataReader(1_000_000)
    tracemalloc.start()
    for _ in range(300):
        assert reader.feed(b"x" * 100_000) is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reader.is_too_large
    assert peak < 4_000_000
    assert reader.feed(b"\r\n.\r\nQUIT\r\n") == b"QUIT\r\n"


def test_line_ends_in_pairs_are_fine() -> None:
    assert not has_bare_controls(b"a\r\n\r\nb\r\n")
    for odd in (b"a\n", b"a\r", b"\n\r", b"a\r\r\n", b"\r\n\n", b"\0"):
        assert has_bare_controls(odd)


def test_dots_are_not_counted_again_for_every_byte_that_comes() -> None:
    line = b"." * 2 + b"\r\n"
    reader = DataReader(3_000_000)
    assert reader.feed(line * 900_000) is None
    started = time.process_time()
    for _ in range(2000):
        for byte in line:
            assert reader.feed(bytes([byte])) is None
    assert time.process_time() - started < 1
    assert reader.feed(b".\r\n") == b""
    assert not reader.is_too_large
    assert len(reader.message()) == 3 * 902_000


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
def test_the_size_is_exact_however_the_bytes_come(size: int) -> None:
    lines = b"..a\r\n" * 20  # 80 bytes as their author wrote them
    for limit, is_too_large in ((79, True), (80, False)):
        reader = DataReader(limit)
        data = lines + b".\r\n"
        for at in range(0, len(data), size):
            rest = reader.feed(data[at : at + size])
        assert rest == b""
        assert reader.is_too_large is is_too_large
