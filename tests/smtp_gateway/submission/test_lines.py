"""Command lines: only CR LF ends one, and how long each may be (RFC 5321 section 4.5.3.1.4)."""

import pytest

from tests.smtp_gateway.submission.talking import APP, Gateway

OK, TOO_LONG = "250 2.0.0 Ok", "500 5.5.2 Line too long"
MAIL_LIMIT = 512 + 26 + 17 + 10 + 500 + 500
BAD_SYNTAX = "500 5.5.2 Syntax error: a command is one line of printable characters"


def filled(start: str, length: int) -> bytes:
    return start.encode() + b"x" * (length - len(start) - 2) + b"\r\n"


@pytest.mark.parametrize(
    ("start", "limit"), [("NOOP ", 512), ("XYZZY ", 512), ("RCPT ", 1012), ("MAIL ", MAIL_LIMIT)]
)
async def test_a_line_may_be_as_long_as_the_rfcs_say(
    gateway: Gateway, start: str, limit: int
) -> None:
    fits, too_long, after = await gateway.talk(
        [filled(start, limit), filled(start, limit + 1), "NOOP"]
    )
    assert fits != TOO_LONG
    assert (too_long, after) == (TOO_LONG, OK)


async def test_all_parameters_at_their_longest_fit(gateway: Gateway) -> None:
    mail = f"MAIL FROM:<{APP}> SIZE=00000000000015728640 BODY=8BITMIME SMTPUTF8 RET=FULL"
    rcpt = f"RCPT TO:<{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}>"
    lines = [f"{mail} ENVID={'e' * 100} AUTH={'f' * 490}",
             f"{rcpt} NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{'g' * 493}"]  # fmt: skip
    assert await gateway.talk(lines) == ["250 2.1.0 Sender ok", "250 2.1.5 Recipient ok"]


@pytest.mark.parametrize("odd", [b"\r", b"\n", b"\0", b"\r\r", b"\n\n", b"\n\r", b"\t", b"\x7f"])
async def test_a_control_within_a_line_refuses_it_whole(gateway: Gateway, odd: bytes) -> None:
    line = b"NOOP" + odd + f"MAIL FROM:<{APP}>".encode() + b"\r\n"
    assert await gateway.talk([line, "NOOP"]) == [BAD_SYNTAX, OK]


async def test_the_same_cut_anywhere(gateway: Gateway) -> None:
    line = b"NOOP\rNOOP\0NOOP\r\n"
    async with gateway.connect() as client:
        for cut in range(1, len(line)):
            client.send(line[:cut])
            await client.writer.drain()
            client.send(line[cut:] + b"NOOP\r\n")
            assert [await client.reply(), await client.reply()] == [BAD_SYNTAX, OK]


async def test_mechanisms_are_known_in_any_case(gateway: Gateway) -> None:
    async with gateway.connect(tls=True) as client:
        replies = await client.talk(["ehlo c", "auth login", "*", "Auth Plain", "*", "AUTH odd"])
    assert [reply[:3] for reply in replies[1:]] == ["334", "501", "334", "501", "504"]
