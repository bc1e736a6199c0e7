"""What aiosmtpd 1.4.6 gets wrong, a test for each: the gateway's class is built on it.

Some of it has tests in depth elsewhere; here each defect is named once, in the order in which they
were found.
"""

import asyncio
import socket
import threading
import time

import pytest

from smtp_gateway.submission.data_reader import DataReader
from smtp_gateway.submission.protocol import SubmissionProtocol
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    PASSWORD,
    Gateway,
    as_data,
    b64,
    eventually,
    plain,
)

ENVELOPE = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "DATA"]
OK, SENDER_OK = "250 2.0.0 Ok", "250 2.1.0 Sender ok"
BARE = "550 5.6.0 Message has a bare CR, a bare LF or a NUL; lines end in CR LF"


async def test_log_ins_do_not_stop_the_other_sessions(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(*_: object) -> str:
        go_on.wait(10)
        return ""

    async with gateway.session() as other, gateway.connect(tls=True) as guessing:
        monkeypatch.setattr("smtp_gateway.submission.verifier.matching", slow)
        await guessing.talk(["EHLO c"])
        guessing.send(f"AUTH PLAIN {plain(password='Wrong1234')}")
        # Hashing is under way and will not end before this is answered.
        assert await other.talk(["NOOP"] * 20) == [OK] * 20
        go_on.set()
        assert await guessing.reply() == "535 5.7.8 User name or password refused"


async def test_a_refused_log_in_always_gets_a_reply(gateway: Gateway) -> None:
    async with gateway.connect(tls=True) as client:
        lines = ["EHLO c", f"AUTH PLAIN {plain(password='Wrong1234')}", "NOOP"]
        assert (await client.talk(lines))[1:] == ["535 5.7.8 User name or password refused", OK]


async def test_failed_log_ins_are_limited(gateway: Gateway) -> None:
    async with gateway.connect(tls=True) as client:
        await client.talk(["EHLO c"])
        wrong = f"AUTH PLAIN {plain(password='Wrong1234')}"
        replies = await client.talk([wrong] * gateway.services.config.max_auth_failures_per_session)
        assert {reply[:3] for reply in replies} == {"535"}
        assert (await client.reply()).startswith("421 4.7.0 ")
        assert await client.reader.read() == b""


@pytest.mark.parametrize("word", ["login", "Login", "LOGIN"])
async def test_mechanism_names_are_matched_in_any_case(gateway: Gateway, word: str) -> None:
    async with gateway.connect(tls=True) as client:
        replies = await client.talk(["EHLO c", f"auth {word}", b64(APP), b64(PASSWORD)])
    assert replies[-1] == "235 2.7.0 Authentication successful"


async def test_auth_is_offered_under_implicit_tls(gateway: Gateway) -> None:
    async with gateway.connect(tls=True) as client:
        assert "AUTH PLAIN LOGIN" in (await client.talk(["EHLO c"]))[0]


async def test_a_plain_address_needs_no_full_parser(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(_self: object, _text: str) -> tuple[str, str]:
        raise AssertionError("the full parser was asked")

    monkeypatch.setattr(SubmissionProtocol, "_getaddr", parse)
    assert (await gateway.submit()).startswith("250 ")


def test_data_is_read_in_bulk() -> None:
    chunks = as_data("x" * 70 + "\r\n") * 1000
    reader = DataReader(20_000_000)
    started = time.process_time()
    for _ in range(100):
        reader.feed(chunks.replace(b"\r\n.\r\n", b"\r\n"))
    assert reader.feed(b".\r\n") == b""
    # 7 MB; line by line it takes ten times as long.
    assert len(reader.message()) == 7_200_000
    assert time.process_time() - started < 0.5


async def test_data_without_a_line_end_stays_within_the_limit(gateway: Gateway) -> None:
    gateway.configure(max_message_bytes=100_000)
    async with gateway.session() as client:
        await client.talk(ENVELOPE)
        for _ in range(50):
            client.send(b"x" * 100_000)
            await client.writer.drain()
        assert (await client.talk([b"\r\n.\r\n"]))[0].startswith("552 5.3.4 ")


@pytest.mark.parametrize("odd", [b"a\nb", b"a\rb", b"a\0b", b"\n.\n", b"\r\n.\n", b"\n.\r\n"])
async def test_bare_line_ends_and_nul_do_not_pass_through(gateway: Gateway, odd: bytes) -> None:
    assert await gateway.submit(MAIL.encode() + odd + b"\r\n") == BARE


async def test_a_fault_does_not_show_its_text(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_argument: str) -> None:
        raise RuntimeError("secret detail")

    async with gateway.session() as client:
        monkeypatch.setattr("smtp_gateway.submission.mail_commands.parse_path", fail)
        replies = await client.talk([f"MAIL FROM:<{APP}>", "RCPT TO:<a@b.example>", "NOOP"])
    assert replies[1:] == ["451 4.3.0 Temporary problem at our side; try again later", OK]


async def test_a_half_close_behind_the_final_dot_does_not_lose_the_mail(gateway: Gateway) -> None:
    gateway.configure(allow_plaintext_auth_on_loopback=True)
    async with gateway.connect() as client:
        await client.log_in()
        await client.talk(ENVELOPE)
        client.send(as_data(MAIL))
        client.writer.write_eof()
        assert (await client.reply()).startswith("250 2.0.0 Ok: queued as ")
    assert len(await eventually(gateway.messages)) == 1


async def test_a_session_keeps_its_limits_when_another_begins(gateway: Gateway) -> None:
    long_mail = f"MAIL FROM:<{APP}> SIZE=1000 ENVID={'e' * 100} AUTH={'f' * 450}"
    async with gateway.session() as client, gateway.connect() as other:
        await other.talk(["EHLO other.example"])
        assert await client.talk([long_mail]) == [SENDER_OK]


@pytest.mark.parametrize("parameters", ["AUTH=<>", "RET=HDRS ENVID=42", "AUTH=<> RET=FULL"])
async def test_auth_and_dsn_parameters_are_accepted(gateway: Gateway, parameters: str) -> None:
    lines = [f"MAIL FROM:<{APP}> {parameters}",
             "RCPT TO:<a@b.example> NOTIFY=NEVER ORCPT=rfc822;a@b.example"]  # fmt: skip
    assert await gateway.talk(lines) == [SENDER_OK, "250 2.1.5 Recipient ok"]


async def test_the_null_sender_is_no_address(gateway: Gateway) -> None:
    assert await gateway.talk(["MAIL FROM:<>"]) == [
        f"553 5.7.1 Sender refused; send MAIL FROM:<{APP}>, the address you log in as"
    ]


async def test_connections_and_recipients_are_limited(gateway: Gateway) -> None:
    gateway.configure(max_recipients=1)
    rcpt = ["RCPT TO:<a@b.example>", "RCPT TO:<b@b.example>"]
    assert (await gateway.talk([f"MAIL FROM:<{APP}>", *rcpt]))[2].startswith("452 4.5.3 ")
    gateway.configure(max_connections=0)
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    assert (await reader.readline()).startswith(b"421 ")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("in_data", [False, True])
async def test_a_silent_client_gets_421_also_within_its_data(
    gateway: Gateway, in_data: bool
) -> None:
    config = gateway.services.config
    async with gateway.session() as client:
        await client.talk(ENVELOPE if in_data else ["NOOP"])
        gateway.configure(
            command_timeout=config.command_timeout / 1500, data_timeout=config.data_timeout / 1500
        )
        assert (await client.reply()).startswith("421 4.4.2 ")


async def test_a_stop_lets_a_mail_be_finished(gateway: Gateway) -> None:
    async with gateway.session() as busy, gateway.session() as idle:
        await busy.talk(ENVELOPE)
        stopping = asyncio.create_task(gateway.server._drain())
        assert (await idle.reply()).startswith("421 4.3.2 ")
        busy.send(as_data(MAIL))
        assert (await busy.reply()).startswith("250 2.0.0 Ok: queued as ")
        await stopping


async def test_ehlo_offers_what_a_submission_server_has(gateway: Gateway) -> None:
    (hello,) = await gateway.talk(["EHLO c"], log_in=False)
    offered = {line[4:].partition(" ")[0] for line in hello.splitlines()[1:]}
    assert offered == {"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES",
                       "CHUNKING", "DSN", "LIMITS", "STARTTLS"}  # fmt: skip


async def test_a_connection_looks_no_name_up(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(*_: object) -> str:
        raise AssertionError("a name was looked up")

    for name in ("getfqdn", "gethostname", "gethostbyaddr"):
        monkeypatch.setattr(socket, name, look_up)
    assert await gateway.talk(["NOOP"], log_in=False) == [OK]
