"""Fix-ups of RFC 6409 section 8: what is added and dropped, and that nothing else changes."""

import email
import email.policy
import random
import re
from datetime import UTC, datetime

import pytest

from smtp_gateway.submission import message as messages
from smtp_gateway.submission.message import Trace
from tests.smtp_gateway.submission.talking import APP, MAIL, Gateway

TRACE = Trace(
    hello_name="client.example",
    client_ip="192.0.2.7",
    hostname="mail.example",
    queue_id="01KB2Q7XG5W9D3MT",
    accepted_at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    tls="TLSv1.3 TLS_AES_256_GCM_SHA384",
    only_recipient="ann@home.example",
)
RECEIVED = (
    b"Received: from client.example ([192.0.2.7])\r\n"
    b"\tby mail.example with ESMTPSA id 01KB2Q7XG5W9D3MT\r\n"
    b"\t(using TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n"
    b"\tfor <ann@home.example>;\r\n"
    b"\tMon, 23 Nov 2026 12:00:00 +0000\r\n"
)
WHOLE = (
    b"From: app@shop.example\r\nDate: Mon, 23 Nov 2026 11:59:59 +0000\r\n"
    b"Message-ID: <1@shop.example>\r\n"
)


def fixed_up(content: bytes, trace: Trace = TRACE) -> bytes:
    message = messages.split(content)
    assert message is not None
    return messages.fix_up(message, trace)


def test_a_whole_message_gets_received_in_front_and_nothing_else() -> None:
    content = WHOLE + b"Subject: =?x?= \xff\r\n  folded\r\nReply-To: r@x.example\r\n\r\nBody\r\n"
    assert fixed_up(content) == RECEIVED + content


def test_missing_date_and_message_id_are_added() -> None:
    assert fixed_up(b"From: app@shop.example\r\n\r\nBody\r\n") == (
        RECEIVED + b"Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n"
        b"Message-ID: <01KB2Q7XG5W9D3MT@mail.example>\r\n"
        b"From: app@shop.example\r\n\r\nBody\r\n"
    )


def test_empty_date_and_message_id_are_replaced() -> None:
    assert fixed_up(b"Date: \r\nFrom: app@shop.example\r\nMessage-ID:\r\n \r\n\r\nBody\r\n") == (
        RECEIVED + b"Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n"
        b"Message-ID: <01KB2Q7XG5W9D3MT@mail.example>\r\n"
        b"From: app@shop.example\r\n\r\nBody\r\n"
    )


@pytest.mark.parametrize(
    "field",
    [
        b"Bcc: secret@x.example\r\n",
        b"BCC:\r\n secret@x.example,\r\n\tother@x.example\r\n",
        b"Resent-Bcc: secret@x.example\r\n",
        b"Return-Path: <app@shop.example>\r\n",
        b"Content-Length: 42\r\n",
        b"bcc : secret@x.example\r\n",
    ],
)
def test_private_and_misleading_fields_are_dropped_with_their_folds(field: bytes) -> None:
    body = b"\r\nBcc: this is body\r\n"
    assert fixed_up(field + WHOLE + field + b"To: a@b.c\r\n" + body) == (
        RECEIVED + WHOLE + b"To: a@b.c\r\n" + body
    )


def test_no_reply_to_is_ever_added() -> None:
    assert b"reply-to" not in fixed_up(WHOLE + b"\r\nBody\r\n").lower()


def test_a_message_without_a_body_stays_without() -> None:
    assert fixed_up(WHOLE) == RECEIVED + WHOLE
    assert fixed_up(WHOLE + b"\r\n") == RECEIVED + WHOLE + b"\r\n"


def test_received_tells_how_the_mail_came() -> None:
    plain = Trace("c", "::1", "mail.example", "ID", TRACE.accepted_at, is_smtputf8=True)
    assert messages.received(plain) == (
        b"Received: from c ([IPv6:::1])\r\n\tby mail.example with UTF8SMTPA id ID;\r\n"
        b"\tMon, 23 Nov 2026 12:00:00 +0000\r\n"
    )


@pytest.mark.parametrize("name", ["a b", "x)\r\nBcc: e@x", "(x", "müller", "", ";"])
def test_a_strange_hello_name_cannot_shape_the_field(name: str) -> None:
    trace = Trace(name, "192.0.2.7", "mail.example", "ID", TRACE.accepted_at)
    assert messages.received(trace).startswith(b"Received: from unknown ([192.0.2.7])\r\n")


def test_the_rest_is_kept_byte_for_byte_whatever_it_is() -> None:
    chance = random.Random(1)
    for _ in range(200):
        body = (
            bytes(chance.choices(b"\r\nabc .:\xe4\t", k=60))
            .replace(b"\n", b"")
            .replace(b"\r", b"\r\n")
        )
        content = WHOLE + b"X-Odd:" + body.replace(b"\r\n", b"\r\n ") + b"\r\n\r\n" + body
        assert fixed_up(content) == RECEIVED + content


def test_a_line_that_is_no_field_makes_the_header_unreadable() -> None:
    for header in (
        b"no field\r\n",
        b": no name\r\n",
        b" fold\r\n",
        b"N\xc3\xa4me: x\r\n",
        b"a b: c\r\n",
    ):
        assert messages.split(header + b"\r\n") is None
        assert messages.split(WHOLE + header + b"\r\n") is None or header.startswith(b" ")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Hello", "Hello"),
        ("=?utf-8?q?H=C3=BC?=\r\n =?utf-8?q?tte?=", "Hütte"),
        ("Grüße", "Grüße"),
        ("=?utf-8?q?nul=00?=", "nul"),
        ("=?utf-8?q?=ED=A0=80?=", "\ufffd\ufffd\ufffd"),
        ("=?unknown-charset?q?x?=", "x"),
        ("=?utf-8?b?8J+YgA==?= 😀", "😀 😀"),
        ("=?utf-8?b?not base64?=", "=?utf-8?b?not base64?="),
        ("x" * 2000, "x" * 998),
    ],
)
def test_the_subject_is_decoded_for_people(raw: str, shown: str) -> None:
    message = messages.split(f"Subject: {raw}\r\n\r\n".encode())
    assert message is not None
    assert messages.subject(message) == shown


async def test_a_submission_is_relayed_with_its_bytes_below_what_was_added(
    gateway: Gateway,
) -> None:
    await gateway.submit(MAIL.replace("To: ", "Bcc: secret@x.example\r\nTo: "))
    (body,) = await gateway.bodies()
    head = body.removesuffix(MAIL.encode())
    assert re.fullmatch(
        rb"Received: from client\.example \(\[127\.0\.0\.1\]\)\r\n"
        rb"\tby mail\.directmail\.test with ESMTPSA id [0-9A-Z]{16}\r\n"
        rb"\t\(using TLSv1\.3 [A-Z0-9_]+\)\r\n"
        rb"\tfor <ann@home\.example>;\r\n\t[^\r\n]+ \+0000\r\n",
        head,
    )


async def test_recipients_are_not_told_about_each_other(gateway: Gateway) -> None:
    lines = [f"MAIL FROM:<{APP}>", "RCPT TO:<a@b.example>", "RCPT TO:<c@d.example>", "DATA"]
    await gateway.talk([*lines, f"{MAIL}.\r\n".encode()])
    (body,) = await gateway.bodies()
    assert b"a@b.example" not in body
    assert b"c@d.example" not in body


async def test_what_is_added_stands_in_the_mail_log_too(gateway: Gateway) -> None:
    await gateway.submit("From: app@shop.example\r\n\r\nHi\r\n")
    (message,) = await gateway.messages()
    parsed = email.message_from_bytes(bytes(message.content.body), policy=email.policy.SMTP)
    assert parsed["Message-ID"] == message.message_id
    assert message.message_id == f"<{message.queue_id}@mail.directmail.test>"
    assert parsed["Date"].datetime == message.accepted_at.replace(microsecond=0)
    assert not parsed.defects


async def test_odd_bytes_in_header_and_hello_are_accepted(gateway: Gateway) -> None:
    async with gateway.connect(tls=True) as client:
        hello = b"EHLO \xff\xed\xa0\x80" + b"x" * 400 + b"\r\n"
        text = b"From: app@shop.example\r\nSubject: \xff\xed\xa0\x80 \xe2\x80\xa8\r\n\r\n.\r\n"
        await client.talk([hello, "AUTH LOGIN", "YXBwQHNob3AuZXhhbXBsZQ==", "R29vZFBhc3MxMg=="])
        lines = [f"MAIL FROM:<{APP}>", "RCPT TO:<a@b.example>", "DATA", text]
        assert (await client.talk(lines))[-1].startswith("250 2.0.0 ")


async def test_smtputf8_and_8bit_are_noted_for_the_next_hop(gateway: Gateway) -> None:
    async def noted(parameters: str, recipient: str, header: str) -> tuple[bool, bool]:
        text = f"From: {header} <{APP}>\r\n\r\nx\r\n.\r\n".encode()
        lines = [f"MAIL FROM:<{APP}>{parameters}", f"RCPT TO:<{recipient}>", "DATA", text]
        assert (await gateway.talk(lines))[-1].startswith("250 2.0.0 ")
        newest = (await gateway.messages())[-1]
        return newest.needs_smtputf8, newest.is_8bit

    assert await noted("", "a@b.example", "A") == (False, False)
    assert await noted(" BODY=8BITMIME", "a@b.example", "Ä") == (False, True)
    assert await noted(" SMTPUTF8", "a@b.example", "A") == (False, False)
    assert await noted(" SMTPUTF8", "a@b.example", "Ä") == (True, True)
    assert await noted(" SMTPUTF8", "ä@b.example", "A") == (True, True)
