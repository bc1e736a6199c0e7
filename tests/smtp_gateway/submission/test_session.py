"""Greeting, EHLO and the commands about the session."""

import asyncio
import contextlib
import time

import pytest

from smtp_gateway.submission.connection import Connection
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    Gateway,
    as_data,
    b64,
    eventually,
    plain,
)

PLAIN_EHLO = "\n".join(
    [
        "250-mail.directmail.test",
        "250-PIPELINING",
        "250-SIZE 15728640",
        "250-8BITMIME",
        "250-SMTPUTF8",
        "250-ENHANCEDSTATUSCODES",
        "250-CHUNKING",
        "250-DSN",
        "250-LIMITS RCPTMAX=100 MAILMAX=10000",
        "250 STARTTLS",
    ]
)


async def test_ehlo_names_what_there_is(gateway: Gateway) -> None:
    assert await gateway.talk(["EHLO client.example"], log_in=False) == [PLAIN_EHLO]


async def test_helo_gets_one_line(gateway: Gateway) -> None:
    assert await gateway.talk(["HELO client.example"], log_in=False) == ["250 mail.directmail.test"]


async def test_hello_without_a_name_is_refused(gateway: Gateway) -> None:
    wanted = "501 5.5.4 Say your host name: EHLO host.example"
    assert await gateway.talk(["EHLO", "HELO "], log_in=False) == [wanted, wanted]


async def test_commands_are_known_in_any_case(gateway: Gateway) -> None:
    assert await gateway.talk(["noop", "NoOp x", "rset", "quit"], log_in=False) == [
        "250 2.0.0 Ok",
        "250 2.0.0 Ok",
        "250 2.0.0 Ok",
        "221 2.0.0 Bye",
    ]


async def test_quit_closes_the_connection(gateway: Gateway) -> None:
    async with gateway.connect() as client:
        assert await client.talk(["QUIT"]) == ["221 2.0.0 Bye"]
        assert await client.reader.read() == b""


async def test_commands_that_tell_nothing(gateway: Gateway) -> None:
    assert await gateway.talk([f"VRFY {APP}", "EXPN all", "HELP"], log_in=False) == [
        "252 2.5.0 Cannot VRFY; send some mail, it will be tried",
        "502 5.5.1 Command not implemented",
        "214 2.0.0 See RFC 5321, RFC 6409 and RFC 4954",
    ]


async def test_unknown_and_broken_commands_are_refused(gateway: Gateway) -> None:
    bad_syntax = "500 5.5.2 Syntax error: a command is one line of printable characters"
    assert await gateway.talk(["XYZZY", "", b"NO\0OP\r\n", b"NOOP\rNOOP\r\n"], log_in=False) == [
        "500 5.5.1 Command not recognized",
        bad_syntax,
        bad_syntax,
        bad_syntax,
    ]


async def test_a_line_too_long_is_refused_and_the_session_stays_in_step(gateway: Gateway) -> None:
    lines = ["NOOP " + "x" * 5000, "NOOP " + "x" * 500_000, "NOOP"]
    assert await gateway.talk(lines, log_in=False) == [
        "500 5.5.2 Line too long",
        "500 5.5.2 Line too long",
        "250 2.0.0 Ok",
    ]


async def test_pipelined_commands_are_answered_in_order(gateway: Gateway) -> None:
    async with gateway.session() as client:
        client.send(f"MAIL FROM:<{APP}>\r\nRCPT TO:<a@b.example>\r\nRSET\r\nNOOP\r\n".encode())
        assert [await client.reply() for _ in range(4)] == [
            "250 2.1.0 Sender ok",
            "250 2.1.5 Recipient ok",
            "250 2.0.0 Ok",
            "250 2.0.0 Ok",
        ]


async def test_too_many_errors_end_the_session(gateway: Gateway) -> None:
    replies = await gateway.talk(["WHAT"] * 20, log_in=False)
    assert set(replies) == {"500 5.5.1 Command not recognized"}
    async with gateway.connect() as client:
        client.send(b"WHAT\r\n" * 21)
        assert [await client.reply() for _ in range(22)][-1] == (
            "421 4.7.0 Too many errors; closing connection"
        )
        assert await client.reader.read() == b""


TOO_MANY_COMMANDS = "421 4.7.0 Too many commands without a mail; closing connection"


async def test_commands_that_lead_nowhere_end_the_session(gateway: Gateway) -> None:
    useless = [b"NOOP\r\n", b"EHLO c\r\n", b"RSET\r\n", b"VRFY x\r\n", b"HELP\r\n", b"AUTH\r\n",
               f"MAIL FROM:<{APP}>\r\n".encode()]  # fmt: skip
    async with gateway.connect() as client:
        client.send(b"EHLO c\r\n" + b"".join(useless) * 14 + b"NOOP\r\n" * 50)
        replies = [await client.reply() for _ in range(102)]
        assert TOO_MANY_COMMANDS not in replies[:-1]
        assert replies[-1] == TOO_MANY_COMMANDS
        assert await client.reader.read() == b""


@pytest.mark.parametrize(
    ("line", "replies"),
    [
        ("AUTH X", ["504 5.5.4 Mechanism not known; use PLAIN or LOGIN", TOO_MANY_COMMANDS]),
        (f"AUTH PLAIN {plain()}", ["235 2.7.0 Authentication successful"]),
        (f"AUTH LOGIN {b64(APP)}", ["334 UGFzc3dvcmQ6"]),
    ],
)
async def test_a_log_in_that_is_one_command_too_many_is_answered_first(
    gateway: Gateway, line: str, replies: list[str]
) -> None:
    gateway.configure(max_fruitless_commands=3)
    async with gateway.connect(tls=True) as client:
        await client.talk(["EHLO c", "NOOP", "NOOP"])
        client.send(line)
        assert [await client.reply() for _ in replies] == replies
        if replies[-1] == TOO_MANY_COMMANDS:
            assert await client.reply() == ""
        else:
            client.writer.close()
    await eventually(gateway.no_connections)
    assert gateway.services.metrics.snapshot()["gauges"]["open_sessions"]["implicit"] == 0


async def test_a_mail_that_is_one_command_too_many_is_answered_with_what_became_of_it(
    gateway: Gateway,
) -> None:
    gateway.configure(max_fruitless_commands=4)
    async with gateway.session() as client:
        chunk = b"BDAT 28\r\nFrom: <app@shop.example>\r\n\r\n"
        await client.talk([f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", chunk])
        await client.talk(["NOOP"] * 3)
        reply = (await client.talk(["BDAT 0 LAST"]))[0]
        assert reply.startswith("250 2.0.0 Ok: queued as ")
    assert len(await gateway.messages()) == 1


async def test_a_goodbye_that_is_one_command_too_many_is_only_a_goodbye(gateway: Gateway) -> None:
    gateway.configure(max_fruitless_commands=1)
    assert await gateway.talk(["EHLO c", "QUIT"], log_in=False) != []
    assert gateway.services.metrics.replies[421] == 0


async def test_an_accepted_mail_gives_a_session_its_commands_back(gateway: Gateway) -> None:
    gateway.configure(max_fruitless_commands=6)
    paths = [f"RCPT TO:<r{n}@b.example>" for n in range(20)]
    async with gateway.session() as client:
        for _ in range(3):
            lines = ["NOOP", "RSET", "NOOP", "RSET", f"MAIL FROM:<{APP}>", *paths, "DATA"]
            replies = await client.talk([*lines, as_data(MAIL)])
            assert replies[-1].startswith("250 2.0.0 Ok: queued as ")
        assert (await client.talk(["NOOP"] * 6))[-1] == "250 2.0.0 Ok"
        client.send("NOOP")
        assert [await client.reply(), await client.reply()][-1] == TOO_MANY_COMMANDS


async def test_a_flood_of_commands_lets_other_sessions_have_their_turn(gateway: Gateway) -> None:
    gateway.configure(max_fruitless_commands=10**9)
    flood = b"NOOP\r\n" * 200_000
    async with gateway.connect() as flooding, gateway.connect() as other:

        async def read_replies() -> None:
            for _ in range(200_000):
                await flooding.reader.readline()

        reading = asyncio.create_task(read_replies())
        flooding.send(flood)
        waits = []
        while not reading.done():
            asked_at = time.monotonic()
            assert await other.talk(["NOOP"]) == ["250 2.0.0 Ok"]
            waits.append(time.monotonic() - asked_at)
        assert max(waits) < 0.5
        assert len(waits) > 20


async def test_what_is_not_worked_through_is_not_read(gateway: Gateway) -> None:
    gateway.configure(max_fruitless_commands=10**9)
    async with gateway.connect() as client:
        client.send(b"NOOP\r\n" * 500_000)

        async def lies_unread() -> int:
            (connection,) = gateway.services.connections
            assert isinstance(connection, Connection)
            return len(connection._input)

        for _ in range(200):
            # One read of the loop may bring 256 KiB.
            assert await lies_unread() <= (64 + 256) * 1024
            await asyncio.sleep(0)


async def test_who_goes_on_sending_when_it_is_cut_off_still_hears_why(gateway: Gateway) -> None:
    for _ in range(5):
        async with gateway.connect() as client:
            client.send(b"WHAT\r\n" * 21 + b"NOOP\r\n" * 50_000)
            heard = await client.reader.read()
            assert heard.endswith(b"421 4.7.0 Too many errors; closing connection\r\n")
    await eventually(gateway.no_connections)


async def test_who_never_stops_sending_is_dropped(gateway: Gateway) -> None:
    async with gateway.connect() as client:
        client.send(b"WHAT\r\n" * 21)
        with contextlib.suppress(ConnectionError):
            for _ in range(400):
                client.send(b"NOOP\r\n" * 2_000)
                await client.writer.drain()
        with contextlib.suppress(ConnectionError):
            await client.reader.read()

    async def no_place_is_taken() -> bool:
        return not gateway.services.lingering

    assert await eventually(no_place_is_taken)
