"""The header of a submission: one From, and it is the sender's."""

import random
import time
from email import message_from_bytes
from email.policy import default as strict_policy

import pytest

from smtp_gateway.batch_writer import BatchWriter
from smtp_gateway.models import RefusedMail
from smtp_gateway.submission import message as messages
from smtp_gateway.submission.from_header import Finding, read_mailbox
from smtp_gateway.submission.policy import judge
from tests.smtp_gateway.submission.talking import APP, Gateway

MISSING = "550 5.7.1 Message has no From header; add From: with the sender address"
TWICE = "550 5.7.1 Message has several From headers; send exactly one"
SEVERAL = f"550 5.7.1 From header has several addresses; it must have {APP} only"
OTHER = f"550 5.7.1 From header must be {APP}, the address you log in as"
MALFORMED_FROM = f"550 5.7.1 From header cannot be read; write From: Name <{APP}>"
MALFORMED = "550 5.6.0 Message header malformed; an empty line must separate header and body"

SUBJECT_TWICE = "550 5.6.0 Message has several Subject headers; send at most one"
SENDER_TWICE = "550 5.6.0 Message has several Sender headers; send at most one"
OTHER_SENDER = f"550 5.7.1 Sender header must be {APP} or be left out"
HEADER_TOO_LARGE = "552 5.3.4 Message header too large; the limit is 262144 bytes"


@pytest.mark.parametrize(
    ("header", "reply"),
    [
        ("Subject: x\r\n", MISSING),
        ("From:\r\n", MISSING),
        (f"From: {APP}\r\nFrom: {APP}\r\n", TWICE),
        (f"From: {APP}\r\nX: y\r\nFROM : eve@evil.example\r\n", TWICE),
        (f"From: {APP}, eve@evil.example\r\n", SEVERAL),
        ("From: App <other@shop.example>\r\n", OTHER),
        (f"From: {APP} <eve@evil.example>\r\n", MALFORMED_FROM),
        ("From: friends:;\r\n", MALFORMED_FROM),
        (f"From: {'a.' * 2100}a <{APP}>\r\n", MALFORMED_FROM),
        (f"From: {APP}\r\nSender: {'<' * 4200}{APP}>\r\n", OTHER_SENDER),
        (f"Subject: x\r\nno field at all\r\nFrom: {APP}\r\n", MALFORMED),
        (f" folded first\r\nFrom: {APP}\r\n", MALFORMED),
        (f"From: {APP}\r\nSubject: a\r\nsubject : b\r\n", SUBJECT_TWICE),
        (f"Sender: {APP}\r\nFrom: {APP}\r\nSender: {APP}\r\n", SENDER_TWICE),
        (f"From: {APP}\r\nSender: App <eve@evil.example>\r\n", OTHER_SENDER),
        (f"From: {APP}\r\nSender:\r\n", OTHER_SENDER),
        (f"From: {APP}\r\nSender: {APP}, eve@evil.example\r\n", OTHER_SENDER),
        (f"From: eve@evil.example\r\nSender: {APP}\r\n", OTHER),
        ("X: y\r\n" * 50_000 + f"From: {APP}\r\n", HEADER_TOO_LARGE),
        ("x" * 300_000, HEADER_TOO_LARGE),
        ("x" * 200_000, MALFORMED),
        ("Received: x\r\n" * 50 + f"From: {APP}\r\n", "554 5.4.6 Too many hops: "
         "this mail is going round in circles"),
    ],
)  # fmt: skip
async def test_a_wrong_header_is_refused(gateway: Gateway, header: str, reply: str) -> None:
    assert await gateway.submit(f"{header}\r\nbody\r\n") == reply
    assert await gateway.messages() == []


async def test_a_long_way_and_a_large_header_are_no_fault(gateway: Gateway) -> None:
    header = "Received: x\r\n" * 49 + f"X: {'y' * 260_000}\r\nSender: App <{APP}>\r\n"
    assert (await gateway.submit(f"{header}From: {APP}\r\n\r\nbody\r\n")).startswith("250 ")


def test_a_header_of_one_endless_line_takes_no_time() -> None:
    started = time.process_time()
    for endless in (b"x" * 262_144, b"x" * 262_000 + b" y", b":" * 262_144, b"a:" * 131_000):
        messages.split(endless + b"\r\n\r\n")
    assert time.process_time() - started < 0.5


async def test_what_was_refused_is_in_the_mail_log(gateway: Gateway) -> None:
    async with gateway.session() as client:
        eve = ["MAIL FROM:<eve@evil.example>", "MAIL FROM:<>"]
        await client.talk([*eve, f"MAIL FROM:<{APP}>", "RCPT TO:<a@b.example>", "DATA"])
        await client.talk([b"Subject: x\r\n\r\n.\r\n"])
    (writer,) = [each for each in gateway.services.background if isinstance(each, BatchWriter)]
    await writer.flush()
    rows = await gateway.database(lambda: list(RefusedMail.objects.order_by("id")))
    own = f"553 5.7.1 Sender refused; send MAIL FROM:<{APP}>, the address you log in as"
    assert [(row.mail_from, row.recipients, row.code, row.reply) for row in rows] == [
        ("eve@evil.example", "", "mail-from-not-sender", own),
        ("", "", "mail-from-not-sender", own),
        (APP, "a@b.example", "from-missing", MISSING),
    ]
    assert {(row.sender_address, row.client_ip) for row in rows} == {(APP, "127.0.0.1")}


async def test_after_a_refusal_the_session_goes_on(gateway: Gateway) -> None:
    async with gateway.session() as client:
        envelope = [f"MAIL FROM:<{APP}>", "RCPT TO:<a@b.example>", "DATA"]
        assert (await client.talk([*envelope, b"Subject: x\r\n\r\n.\r\n"]))[-1] == MISSING
        text = f"From: {APP}\r\n\r\n.\r\n".encode()
        assert (await client.talk([*envelope, text]))[-1].startswith("250 2.0.0 ")


@pytest.mark.parametrize(
    ("code", "header"),
    [
        ("from-missing", b""),
        ("from-twice", b"From: app@shop.example\r\nFrom: x\r\n"),
        ("from-several-addresses", b"From: a@b.c, d@e.f\r\n"),
        ("from-malformed", b"From: nobody\r\n"),
        ("from-not-sender", b"From: a@b.c\r\n"),
        ("header-twice", b"From: app@shop.example\r\nTo: x\r\nto: y\r\n"),
        ("sender-header-not-sender", b"From: app@shop.example\r\nSender: x@y.example\r\n"),
        ("too-many-hops", b"Received: x\r\n" * 50),
        ("header-malformed", b"no field\r\n"),
    ],
)
def test_a_verdict_has_a_stable_code(code: str, header: bytes) -> None:
    refusal = judge(messages.split(header + b"\r\n"), sender_address=APP)
    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize(
    "value",
    [
        "app@shop.example",
        "<app@shop.example>",
        "APP@Shop.Example",
        "App <app@shop.example>",
        "The App Team<app@shop.example>",
        '"App, the shop" <app@shop.example>',
        '"quoted \\" mark <eve@evil.example>" <app@shop.example>',
        "John Q. Public <app@shop.example>",
        "=?utf-8?q?M=C3=BCller?= <app@shop.example>",
        "=?utf-8?q?M=C3=BCller?=<app@shop.example>",
        "=?utf-8?B?TcO8bGxlcg==?=\r\n =?iso-8859-1?Q?_&_Co?= <app@shop.example>",
        '"=?utf-8?q?M=C3=BCller=2C_the_shop?=" <app@shop.example>',
        "Jürgen <app@shop.example>",
        "App (the (nested) shop, eve@evil.example) <app@shop.example>",
        "app@shop.example (App)",
        "App\r\n <app@shop.example>",
        "App\r\n\t<app@\r\n shop.example>",
        '"app"@shop.example',
        "app @ shop . example",
    ],
)
def test_the_own_address_is_accepted_however_it_is_dressed(value: str) -> None:
    message = messages.split(f"Subject: x\r\nFrom: {value}\r\n\r\nbody\r\n".encode())
    assert judge(message, sender_address=APP) is None


def test_an_idn_domain_is_the_same_in_both_spellings() -> None:
    for domain in ("müller.example", "xn--mller-kva.example", "MÜLLER.example"):
        message = messages.split(f"From: <app@{domain}>\r\n\r\n".encode())
        assert judge(message, sender_address="app@xn--mller-kva.example") is None


@pytest.mark.parametrize(
    ("value", "finding"),
    [
        ("a@b.c, d@e.f", Finding.SEVERAL),
        ("A <a@b.c>, D <d@e.f>", Finding.SEVERAL),
        ("group: a@b.c;", Finding.MALFORMED),
        ("a@b.c d@e.f", Finding.MALFORMED),
        ("a@b.c <d@e.f>", Finding.MALFORMED),
        ("<a@b.c> trailing", Finding.MALFORMED),
        ("<a@b.c> <d@e.f>", Finding.MALFORMED),
        ("<<a@b.c>>", Finding.MALFORMED),
        ("<@route.example:a@b.c>", Finding.MALFORMED),
        ("A <a@b.c", Finding.MALFORMED),
        ('"unfinished <a@b.c>', Finding.MALFORMED),
        ("(unfinished <a@b.c>", Finding.MALFORMED),
        ("a@b@c", Finding.MALFORMED),
        ("a..b@c.d", Finding.MALFORMED),
        ("a@b..c", Finding.MALFORMED),
        ("@b.c", Finding.MALFORMED),
        ("a@", Finding.MALFORMED),
        ("<>", Finding.MALFORMED),
        ("", Finding.MALFORMED),
        ("a\\b@c.d", Finding.MALFORMED),
        ("=?utf-8?q?a=40b=2Ec?=", Finding.MALFORMED),
        # Readers that decode encoded words first see another mailbox in each of these.
        ("=?utf-8?q?a(?= <evil@y.test>)<me@x.test>", Finding.MALFORMED),
        ('x =?utf-8?q?"?= <evil@y.test>" <me@x.test>', Finding.MALFORMED),
        ("=?utf-8?q?(?= <evil@y.test>, )<me@x.test>", Finding.MALFORMED),
        ("(=?utf-8?q?)?= <evil@y.test>) me@x.test", Finding.MALFORMED),
        ('"=?utf-8?q?"?= <evil@y.test>" <me@x.test>', Finding.MALFORMED),
        ("=?utf-8?q?a <me@x.test>", Finding.MALFORMED),
        ("=?utf-8?q?a?=b <me@x.test>", Finding.MALFORMED),
    ],
)
def test_what_is_not_one_mailbox_is_said_to_be_so(value: str, finding: Finding) -> None:
    assert read_mailbox(value) is finding


_PIECES = [
    *("<me@x.test>", "me@x.test", "<evil@y.test>", "evil@y.test", "me", "x.test", "a", "é"),
    *("=?utf-8?q?", "=?utf-8?b?", "?=", "=?", "=", "?", "_", "'", "(", ")", '"', "\\", " ", "\t"),
    *("=?utf-8?q?a?=", "=?utf-8?q?=22?=", "=?utf-8?q?=3Cevil=40y.test=3E?=", "=?utf-8?b?KA==?="),
    *("=?x?q?a?=", "=?utf-8*en?q?x?=", ",", ":", ";", "<", ">", "@", "[", "]", ".", "\r\n "),
    *("=?utf-8?q?(?=", '=?utf-8?q?"?=', "=?utf-8?q?)?=", "\x01", "\x7f", " <evil@y.test>)"),
]


def read_by_the_standard_library(value: str) -> list[str] | None:
    """The addresses it sees; None: some values are too much for it, and it fails."""
    message = message_from_bytes(f"From: {value}\r\n\r\n".encode(), policy=strict_policy)
    try:
        return [address.addr_spec for address in message["from"].addresses]
    except (AttributeError, IndexError, TypeError, ValueError):
        return None


def test_what_is_accepted_another_reader_understands_alike() -> None:
    pick = random.Random(20)
    differently = {}
    accepted = 0
    for _ in range(12_000):
        value = "".join(pick.choices(_PIECES, k=pick.randrange(7)))
        value = (value + pick.choice(("<me@x.test>", " me@x.test", ""))).strip()
        if read_mailbox(value.replace("\r\n ", " ")) == "me@x.test":
            accepted += 1
            seen = read_by_the_standard_library(value)
            if seen not in (["me@x.test"], None):
                differently[value] = seen
    assert accepted > 1000
    assert differently == {}
