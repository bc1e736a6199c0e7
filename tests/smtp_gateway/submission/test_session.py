"""Greeting, EHLO and the commands about the session."""

from tests.smtp_gateway.submission.talking import APP, Gateway

PLAIN_EHLO = "\n".join(
    [
        "250-mail.directmail.test",
        "250-PIPELINING",
        "250-SIZE 15728640",
        "250-8BITMIME",
        "250-SMTPUTF8",
        "250-ENHANCEDSTATUSCODES",
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
