"""Small pieces of the command grammar, and rules about headers, by themselves."""

import pytest

from smtp_gateway.submission.chunk import Chunk, read_chunk_argument
from smtp_gateway.submission.ehlo_limits import limits_keyword
from smtp_gateway.submission.header_rules import SINGLE_FIELDS, field_given_twice, is_looping


@pytest.mark.parametrize(
    ("argument", "chunk"),
    [
        ("0", Chunk(0, False)),
        ("86 LAST", Chunk(86, True)),
        ("0  last", Chunk(0, True)),
        ("99999999999999999999", Chunk(99999999999999999999, False)),
    ],
)
def test_a_chunk_is_announced(argument: str, chunk: Chunk) -> None:
    assert read_chunk_argument(argument) == chunk


@pytest.mark.parametrize(
    "argument", ["", "LAST", "-1", "+1", "1.5", "0x10", "10LAST", "10 LAST x", "٣", "1" * 21, "1\n"]
)
def test_what_announces_no_chunk(argument: str) -> None:
    assert read_chunk_argument(argument) is None


def test_limits_are_said_as_rfc_9422_writes_them() -> None:
    assert limits_keyword(max_recipients=100) == "LIMITS RCPTMAX=100"
    assert limits_keyword(max_recipients=5, max_mails=50) == "LIMITS RCPTMAX=5 MAILMAX=50"
    assert limits_keyword(max_recipients=1_000_000) == ""


def test_fields_that_must_be_single() -> None:
    names = [b"received", b"received", b"from", b"to", b"resent-to", b"resent-to", b"x", b"x"]
    assert field_given_twice(names) == ""
    for name, shown in SINGLE_FIELDS.items():
        assert field_given_twice([*names, name, name]) == shown


def test_fifty_hands_are_a_loop() -> None:
    assert not is_looping([b"received"] * 49 + [b"from"])
    assert is_looping([b"received"] * 50)
