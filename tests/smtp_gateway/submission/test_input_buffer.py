"""Cutting what arrives into lines: CR LF only, faults told at once, whatever the chunks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_gateway.submission.input_buffer import InputBuffer, LineFault


def lines(*chunks: bytes, max_bytes: int = 20) -> list[bytes | LineFault]:
    buffer = InputBuffer()
    found = []
    for chunk in chunks:
        buffer.add(chunk)
        while (line := buffer.next_line(max_bytes)) is not None:
            found.append(line)
    return found


def test_lines_come_without_their_ends() -> None:
    assert lines(b"EHLO a\r\nNOOP\r\n\r\nQU") == [b"EHLO a", b"NOOP", b""]


def test_a_bare_lf_ends_no_line() -> None:
    assert lines(b"NOOP\nQUIT\r\nRSET\r\n") == [b"NOOP\nQUIT", b"RSET"]


def test_a_client_that_ends_its_lines_with_lf_hears_of_each() -> None:
    assert lines(b"EHLO a\n", b"NOOP\n") == [LineFault.BARE_LF, LineFault.BARE_LF]


@pytest.mark.parametrize("rest", [[b"QUIT\r\n"], [b"QU", b"IT\r", b"\n"], [b"\r", b"\r\n"]])
def test_what_follows_a_bare_lf_is_no_command(rest: list[bytes]) -> None:
    assert lines(b"NOOP\n", *rest, b"RSET\r\n") == [LineFault.BARE_LF, b"RSET"]


def test_a_long_line_is_told_once_and_skipped_to_its_end() -> None:
    chunks = [b"x" * 30, b"x" * 300 + b"\n", b"x\r", b"\nNOOP\r\n"]
    assert lines(*chunks) == [LineFault.TOO_LONG, b"NOOP"]
    assert lines(b"x" * 21 + b"\r\nNOOP\r\n") == [LineFault.TOO_LONG, b"NOOP"]


def test_a_long_line_is_not_kept() -> None:
    buffer = InputBuffer()
    for _ in range(1000):
        buffer.add(b"x" * 1000)
        buffer.next_line(20)
        assert len(buffer) <= 20


@given(st.lists(st.sampled_from([b"\r\n", b"\r", b"NOOP", b"x"]), max_size=20), st.data())
def test_chunks_make_no_difference_without_faults(parts: list[bytes], data: st.DataObject) -> None:
    content = b"".join(parts)
    at = data.draw(st.integers(0, len(content)))
    assert lines(content[:at], content[at:], max_bytes=1000) == lines(content, max_bytes=1000)


def test_data_is_taken_whole() -> None:
    buffer = InputBuffer()
    buffer.add(b"DATA\r\nbody")
    assert buffer.next_line(20) == b"DATA"
    buffer.add(b" more")
    assert (len(buffer), buffer.take(), len(buffer)) == (9, b"body more", 0)
