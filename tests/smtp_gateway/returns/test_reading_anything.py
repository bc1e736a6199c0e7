"""Whatever the bytes of a returned mail are, they are read to some end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtp_gateway.returns.judging import judge
from smtp_gateway.returns.reading.read import read
from tests.smtp_gateway.returns.test_corpus import READINGS, raw_of

_NAMES = sorted(READINGS)


@given(st.binary(max_size=2000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read(raw: bytes) -> None:
    judge(read(raw))


@given(st.sampled_from(_NAMES), st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=40))
@settings(max_examples=300, deadline=None)
def test_a_mail_with_a_hole_in_it_is_read(name: str, at: int, gone: int, put_in: bytes) -> None:
    raw = raw_of(name)
    judge(read(raw[:at] + put_in + raw[at + gone :]))


@pytest.mark.parametrize("name", _NAMES)
def test_a_mail_that_was_cut_off_is_read(name: str) -> None:
    raw = raw_of(name)
    for end in range(0, len(raw), 97):
        judge(read(raw[:end]))


@pytest.mark.parametrize(
    "body",
    [
        b"@" * 900_000,
        b"a@" * 450_000,
        b"<" * 900_000,
        b"<a@b" * 220_000,
        b"550 " * 220_000,
        b"5.1.1 " * 150_000,
        b"\n" * 900_000,
        b" a@b\n" * 180_000,
        b"Action: failed\n\n" * 56_000,
        b"=?utf-8?q?" * 90_000,
    ],
    ids=[
        *("at-signs", "addresses", "brackets", "open-addresses", "codes", "statuses"),
        *("blank-lines", "lines", "blocks", "encoded-words"),
    ],
)
@pytest.mark.parametrize("kind", ["text/plain", "text/html", "message/delivery-status"])
def test_a_mail_made_to_take_long_is_read(body: bytes, kind: str) -> None:
    head = f"From: MAILER-DAEMON@x.example\r\nSubject: Undelivered\r\nContent-Type: {kind}\r\n\r\n"
    judge(read(head.encode() + body))
