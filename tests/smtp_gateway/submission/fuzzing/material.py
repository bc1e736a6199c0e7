"""What the fuzzer has the client say: right things, wrong things, and right things spoilt."""

import itertools
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from tests.smtp_gateway.submission.talking import APP, PASSWORD, as_data, b64, plain

T = TypeVar("T")

_numbers = itertools.count(1)

HELLO = ["EHLO client.example", "HELO client.example"]
_RIGHT_LOG_INS = [
    [f"AUTH PLAIN {plain()}"],
    ["AUTH PLAIN", plain()],
    [f"auth plain {plain(authorization=APP)}"],
    ["AUTH LOGIN", b64(APP), b64(PASSWORD)],
    [f"AUTH LOGIN {b64(APP)}", b64(PASSWORD)],
]
_WRONG_LOG_INS = [
    [f"AUTH PLAIN {plain(password='Wrong12345')}"],
    [f"AUTH PLAIN {plain(user='nobody@shop.example')}"],
    [f"AUTH PLAIN {plain(authorization='boss@shop.example')}"],
    ["AUTH LOGIN", b64(APP), "*"],
    ["AUTH LOGIN", b64(APP), b64(PASSWORD[:-1])],
    ["AUTH LOGIN", ""],
    ["AUTH PLAIN", "=", "="],
    ["AUTH PLAIN !!!"],
    ["AUTH CRAM-MD5"],
    ["AUTH"],
]
_COMMANDS = [
    *("NOOP", "RSET", "HELP", "EXPN list", "VRFY ann", "DATA", "DATA now", "RSET now", "QUIT now"),
    *(
        "MAIL FROM:<>",
        f"MAIL FROM:<{APP}> SIZE=99999999",
        f"MAIL FROM:<{APP}> RET=HDRS ENVID=x+2By",
    ),
    *(f"MAIL FROM:<{APP}> BODY=8BITMIME SIZE=1000", f"MAIL FROM:<{APP}> SMTPUTF8 AUTH=<>"),
    *(f"mail from: {APP}", "MAIL FROM:<boss@shop.example>", f"MAIL FROM:<{APP}> X=1", "MAIL"),
    *("RCPT TO:<ann@home.example> NOTIFY=NEVER", "RCPT TO:<b@home.example> ORCPT=rfc822;b@c.d"),
    *("RCPT TO:<@relay.example:carl@home.example>", 'RCPT TO:<"a b"@home.example>', "RCPT TO:<>"),
    *("RCPT TO:<grüße@home.example>", "RCPT TO:<a@[127.0.0.1]>", "RCPT TO:<a b@home.example>"),
    *("RCPT TO:<ann@home.example", "RCPT TO:ann@home.example>", "RCPT", "EHLO", "HELO ", ""),
    *("BDAT", "BDAT x", "BDAT 0", "BDAT 0 LAST", "BDAT -1", "BDAT 5 FIRST"),
    *("XCLIENT ADDR=1.2.3.4", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2", "GET / HTTP/1.1", "\x00", " NOOP"),
    *("STARTTLS now", "NOOP " + "x" * 600, "NOOP " + "x" * 5000, "A" * 13_000),
]
MAIL = [f"MAIL FROM:<{APP}>", f"MAIL FROM:<{APP.upper()}> BODY=8BITMIME", f"MAIL FROM:<{APP}>"]
RECIPIENTS = [f"{name}@home.example" for name in ("ann", "bob", "cleo", "dan", "eve", "flo", "gus")]
# What has been taken for the end of the data somewhere (CVE-2023-51764 and its relatives).
_FALSE_ENDS = [
    *(
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r\n.\r",
        b"\r.\r\n",
        b"\n\n.\r\n",
        b"\r\n.\0\r\n",
    ),
    *(
        b"\r\n..\r\n",
        b"\r\n. \r\n",
        b"\r\n\x85.\r\n",
        b"\r\n.\r\r\n",
        b"\r\r\n.\r\n",
        b"\r\n.\n\r\n",
    ),
]
_SMUGGLED = (
    f"MAIL FROM:<{APP}>\r\nRCPT TO:<victim@home.example>\r\nDATA\r\n"
    f"From: {APP}\r\nSubject: smuggled\r\n\r\nHa\r\n"
).encode()
_HEADERS = [
    *("", "", "Bcc: secret@home.example\r\n", "Return-Path: <x@y.example>\r\n", "X: 1\r\n 2\r\n"),
    *(
        f"From: {APP}\r\n",
        f"Sender: {APP}\r\n",
        "Subject: again\r\n",
        "no header\r\n",
        " folded\r\n",
    ),
    *("To: Grüße <ann@home.example>\r\n", "X" * 3000 + ": y\r\n", "Received: from x\r\n" * 60),
]
_BODIES = [
    *(b"", b"Hi\r\n", b".\r\n", b"..\r\n.x\r\n", b"\r\n" * 3, b"x" * 9000, b"x\r\n" * 7000),
    *(b"Hi" + end + _SMUGGLED for end in _FALSE_ENDS),
]


def _any_of(choices: Sequence[T]) -> st.SearchStrategy[T]:
    """One of them; hypothesis names `sampled_from` by all its choices, and some are long."""
    return st.integers(0, len(choices) - 1).map(lambda number: choices[number])


lines = _any_of([*HELLO, *_COMMANDS])
log_ins = _any_of([*_RIGHT_LOG_INS, *_RIGHT_LOG_INS, *_WRONG_LOG_INS])
right_log_ins = _any_of(_RIGHT_LOG_INS)
recipient_lists = st.lists(st.sampled_from(RECIPIENTS), min_size=1, max_size=7)


def as_line(text: str) -> bytes:
    return text.encode() + b"\r\n"


def new_mail(author: str = APP, extra: str = "", body: bytes = b"Hi\r\n") -> bytes:
    """A mail like no other, as its author wrote it."""
    header = (
        f"From: {author}\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n"
        f"Message-ID: <{next(_numbers)}@shop.example>\r\n{extra}\r\n"
    )
    return header.encode() + body


odd_mails = st.builds(
    new_mail,
    st.sampled_from([APP, APP, f"Boss <{APP}>", "boss@shop.example", f"{APP}, b@c.example", ""]),
    _any_of(_HEADERS),
    st.one_of(_any_of(_BODIES), st.binary(max_size=60)),
)


def raw_data(content: bytes) -> bytes:
    """A client that forgets to double the dots."""
    return content + b"\r\n.\r\n"


def spoil(data: bytes, at: int, with_: bytes) -> bytes:
    """`data` with a few of its bytes replaced."""
    at %= len(data) + 1
    return data[:at] + with_ + data[at + len(with_) :]


spoiling = st.tuples(
    st.integers(0, 5000),
    st.one_of(st.binary(max_size=3), st.sampled_from([b"\n", b"\r", b"\0", b"\r\n"])),
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """`data` in pieces, none of them empty."""
    at = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[begin:end] for begin, end in itertools.pairwise(at)]


encodings = st.sampled_from([as_data, as_data, as_data, raw_data])
