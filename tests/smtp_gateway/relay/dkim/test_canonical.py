"""Relaxed canonicalization, byte for byte (RFC 6376 section 3.4)."""

import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_gateway.relay.dkim.canonical import body_hash, relaxed_body, relaxed_value
from smtp_gateway.relay.dkim.fields import canonical_field, select, split

BODIES = {
    "the example of section 3.4.5": (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),
    "empty": (b"", b""),
    "one empty line": (b"\r\n", b""),
    "empty lines": (b"\r\n\r\n\r\n", b""),
    "lines of white space": (b" \r\n\t\t\r\n \t \r\n", b""),
    "nothing to do": (b"a b\r\nc\r\n", b"a b\r\nc\r\n"),
    "no line end": (b"a", b"a\r\n"),
    "white space and no line end": (b"a \t", b"a\r\n"),
    "only white space and no line end": (b" \t ", b""),
    "a tab alone": (b"a\tb\r\n", b"a b\r\n"),
    "leading white space": (b"\t  a\r\n", b" a\r\n"),
    "an empty line inside": (b"a\r\n\r\nb\r\n\r\n", b"a\r\n\r\nb\r\n"),
    "other white space is text": (b"a\x0b\x0c\xa0 \r\n", b"a\x0b\x0c\xa0\r\n"),
    "bytes": (b"\x00\xff \x80\r\n", b"\x00\xff \x80\r\n"),
    "bare CR and LF are text": (b"a \n\r \r\n\n\r\n\r\n", b"a \n\r\r\n\n\r\n"),
    "a line of bare LFs at the end": (b"a\r\n\n\n\r\n\r\n\r\n", b"a\r\n\n\n\r\n"),
}
VALUES = {
    "the example of section 3.4.5": (b" X\r\n", b"X"),
    "folded": (b" Y\t\r\n\tZ  ", b"Y Z"),
    "folded twice": (b"a\r\n \r\n b", b"a b"),
    "empty": (b" \t", b""),
    "a space behind each colon": (b" from : to", b"from : to"),
    "8-bit": (b" Gr\xfc\xdfe\t\xf0\x9f\x93\xa6 ", b"Gr\xfc\xdfe \xf0\x9f\x93\xa6"),
    "other white space is text": (b"\x0b a\x0c ", b"\x0b a\x0c"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_relaxed_to_the_byte(name: str) -> None:
    body, expected = BODIES[name]
    assert relaxed_body(body) == expected
    assert body_hash(body) == hashlib.sha256(expected).digest()


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_relaxed_to_the_byte(name: str) -> None:
    value, expected = VALUES[name]
    assert relaxed_value(value) == expected


def plain_reading(body: bytes) -> bytes:
    """Section 3.4.4 line by line, as slowly as it is written there."""
    lines = body.split(b"\r\n") if body else []
    if lines and lines[-1] == b"":
        lines.pop()
    relaxed = []
    for line in lines:
        words, was_space = bytearray(), False
        for byte in line:
            is_space = byte in b" \t"
            if not (is_space and was_space):
                words.append(ord(" ") if is_space else byte)
            was_space = is_space
        relaxed.append(bytes(words[:-1] if was_space else words))
    while relaxed and not relaxed[-1]:
        relaxed.pop()
    return b"".join(line + b"\r\n" for line in relaxed)


PIECES = st.sampled_from([b" ", b"\t", b"\r\n", b"\r", b"\n", b"a", b".", b"\xff", b"  ", b" \r\n"])


@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_any_body_is_what_the_standard_says(body: bytes) -> None:
    assert relaxed_body(body) == plain_reading(body)


@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_relaxing_twice_changes_nothing_more(body: bytes) -> None:
    assert relaxed_body(relaxed_body(body)) == relaxed_body(body)


@pytest.mark.parametrize(
    "body",
    [b" " * 4_000_000, b" \t" * 2_000_000, b"\r\n" * 2_000_000, b"a  \r\n" * 800_000],
    ids=["spaces", "tabs", "empty lines", "trailing"],
)
def test_no_body_takes_more_than_linear_time(body: bytes) -> None:
    """A quadratic rule would take minutes for these."""
    started = time.process_time()
    body_hash(body)
    assert time.process_time() - started < 5


# --- The header -----------------------------------------------------------------------------------


def test_the_last_field_of_a_name_is_first() -> None:
    names, canonical = select(b"To: first\r\nFrom: a\r\nTo: last\r\n")
    assert canonical == b"from:a\r\nto:last\r\nto:first\r\n"
    assert list(names).count(b"to") == 3


def test_names_are_found_in_any_case_and_with_space_before_the_colon() -> None:
    assert canonical_field(b"subject", b"  x ") == b"subject:x\r\n"
    assert select(b"SUBJECT \t: A\r\n\tB\r\n")[1] == b"subject:A B\r\n"


def test_a_name_that_only_begins_alike_is_another_field() -> None:
    header = b"From-Nowhere: x\r\nX-From: y\r\nX: a\r\n From: folded\r\n"
    assert select(header)[1] == b""


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"A: b\r\n\r\nbody", (b"A: b\r\n", b"body")),
        (b"A: b\r\n\r\n", (b"A: b\r\n", b"")),
        (b"A: b\r\n", (b"A: b\r\n", b"")),
        (b"A: b", (b"A: b\r\n", b"")),
        (b"\r\nbody", (b"", b"body")),
        (b"A: b\r\n\r\n\r\n\r\nbody", (b"A: b\r\n", b"\r\n\r\nbody")),
    ],
    ids=["both", "no body", "no separator", "no line end", "no header", "empty lines first"],
)
def test_the_first_empty_line_ends_the_header(content: bytes, parts: tuple[bytes, bytes]) -> None:
    assert split(content) == parts
