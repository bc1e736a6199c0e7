"""Every command in every state of a session has its reply."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.smtp_gateway.submission.talking import APP, Client, Gateway, plain

HELLO, OK, BYE = "250", "250 2.0.0 Ok", "221 2.0.0 Bye"
GREET = "503 5.5.1 Send EHLO first"
NO_MAIL, NO_RCPT = "503 5.5.1 Send MAIL first", "503 5.5.1 Send RCPT first"
NESTED = "503 5.5.1 A mail transaction is open already; send RSET to drop it"
TLS_IS_ON = "503 5.5.1 TLS is on already"
RCPT_OK, GO_AHEAD = "250 2.1.5 Recipient ok", "354 End data with <CR><LF>.<CR><LF>"
CHUNK = "250 2.0.0 1 octets received"
BEGUN = "503 5.5.1 BDAT has begun the message; send "
ALWAYS = {
    "EHLO client.example": HELLO,
    "HELO client.example": HELLO,
    "NOOP": OK,
    "NOOP anything": OK,
    "RSET": OK,
    "RSET now": "501 5.5.4 This command takes no argument",
    "HELP": "214 2.0.0 See RFC 5321, RFC 6409 and RFC 4954",
    "VRFY ann": "252 2.5.0 Cannot VRFY; send some mail, it will be tried",
    "EXPN all": "502 5.5.1 Command not implemented",
    "XYZZY": "500 5.5.1 Command not recognized",
    "AUTH": None,
    "QUIT": BYE,
}
MAIL, RCPT, DATA, BDAT = f"MAIL FROM:<{APP}>", "RCPT TO:<a@b.example>", "DATA", b"BDAT 1\r\nx"
AUTH, STARTTLS = f"AUTH PLAIN {plain()}", "STARTTLS"
READY, AUTH_OK = "220 2.0.0 Ready to start TLS", "235 2.7.0 Authentication successful"
NEEDS_TLS = "538 5.7.11 Encryption required for authentication; send STARTTLS first"
LOGGED_IN, IN_MAIL = "503 5.5.1 Already authenticated", "503 5.5.1 Already authenticated"
LOG_IN = "530 5.7.0 Authentication required; log in with AUTH first"
NO_TLS = "530 5.7.0 Send STARTTLS first, then log in with AUTH"

STATES: dict[str, dict[str | bytes, str]] = {
    "fresh": {MAIL: GREET, RCPT: NO_MAIL, DATA: NO_MAIL, BDAT: NO_MAIL, AUTH: NEEDS_TLS,
              STARTTLS: READY},
    "greeted": {MAIL: NO_TLS, RCPT: NO_MAIL, DATA: NO_MAIL, BDAT: NO_MAIL, AUTH: NEEDS_TLS,
                STARTTLS: READY},
    "fresh under TLS": {MAIL: GREET, RCPT: NO_MAIL, DATA: NO_MAIL, BDAT: NO_MAIL, AUTH: GREET,
                        STARTTLS: TLS_IS_ON},
    "greeted under TLS": {MAIL: LOG_IN, RCPT: NO_MAIL, DATA: NO_MAIL, BDAT: NO_MAIL, AUTH: AUTH_OK,
                          STARTTLS: TLS_IS_ON},
    "logged in": {MAIL: "250 2.1.0 Sender ok", RCPT: NO_MAIL, DATA: NO_MAIL, BDAT: NO_MAIL,
                  AUTH: LOGGED_IN, STARTTLS: TLS_IS_ON},
    "in MAIL": {MAIL: NESTED, RCPT: RCPT_OK, DATA: NO_RCPT, BDAT: NO_RCPT, AUTH: LOGGED_IN,
                STARTTLS: TLS_IS_ON},
    "in RCPT": {MAIL: NESTED, RCPT: RCPT_OK, DATA: GO_AHEAD, BDAT: CHUNK, AUTH: LOGGED_IN,
                STARTTLS: TLS_IS_ON},
    "in BDAT": {MAIL: NESTED, RCPT: BEGUN + "RSET for another envelope",
                DATA: BEGUN + "the rest with BDAT", BDAT: CHUNK, AUTH: LOGGED_IN,
                STARTTLS: TLS_IS_ON},
}  # fmt: skip
WAY = ["EHLO client.example", AUTH, MAIL, RCPT, BDAT]


@contextlib.asynccontextmanager
async def brought_to(gateway: Gateway, state: str) -> AsyncIterator[Client]:
    is_protected = state not in ("fresh", "greeted")
    steps = {"fresh": 0, "greeted": 1, "fresh under TLS": 0, "greeted under TLS": 1, "logged in": 2,
             "in MAIL": 3, "in RCPT": 4, "in BDAT": 5}  # fmt: skip
    async with gateway.connect(tls=is_protected) as client:
        await client.talk(WAY[: steps[state]])
        yield client


@pytest.mark.parametrize("state", STATES)
async def test_every_command_has_its_reply(gateway: Gateway, state: str) -> None:
    expected = {line: reply for line, reply in ALWAYS.items() if reply} | STATES[state]
    found = {}
    for line, reply in expected.items():
        async with brought_to(gateway, state) as client:
            (answer,) = await client.talk([line])
            found[line] = HELLO if reply == HELLO else answer
            assert answer.startswith(reply[:3])
    assert found == expected


@pytest.mark.parametrize("state", ["logged in", "in MAIL", "in RCPT", "in BDAT"])
@pytest.mark.parametrize(
    "line", ["NOOP", "HELP", "VRFY x", "EXPN x", "XYZZY", "AUTH PLAIN", "MAIL"]
)
async def test_what_changes_nothing_leaves_the_transaction(
    gateway: Gateway, state: str, line: str
) -> None:
    async with brought_to(gateway, state) as client:
        await client.talk([line])
        (reply,) = await client.talk([BDAT])
        assert reply == STATES[state][BDAT]


@pytest.mark.parametrize("line", ["RSET", "EHLO client.example", "HELO client.example"])
async def test_what_starts_afresh_keeps_the_log_in(gateway: Gateway, line: str) -> None:
    async with brought_to(gateway, "in BDAT") as client:
        replies = await client.talk([line, RCPT, MAIL])
        assert replies[1:] == [NO_MAIL, "250 2.1.0 Sender ok"]
