"""The end of the data is found at once, wherever the chunks are cut and however many lines dot."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from smtp_gateway.submission.data_reader import DataReader, has_bare_controls

LINES = st.lists(st.sampled_from([b"", b".", b"..", b".x", b"x", b"x.", b"\r", b"\n.", b"\n"]))


def read(chunks: list[bytes]) -> tuple[bytes, bytes] | None:
    """The message and what came behind it; None: it has no end."""
    reader = DataReader(10_000)
    rest = None
    for number, chunk in enumerate(chunks):
        if (rest := reader.feed(chunk)) is not None:
            return reader.message(), rest + b"".join(chunks[number + 1 :])
    return None


@given(LINES, st.sampled_from([b"", b"NOOP\r\n", b".\r\n", b"\r\n.\r\n"]), st.data())
def test_any_message_comes_back_as_its_author_wrote_it(
    lines: list[bytes], behind: bytes, data: st.DataObject
) -> None:
    message = b"".join(line + b"\r\n" for line in lines)
    wire = (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n" + behind
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=4)))
    chunks = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    assert read(chunks) == (message, behind)


def lines_cut_off(message: bytes) -> bool:
    """The same question, asked of the message as a list of lines."""
    lines = message.splitlines()
    ends = len(lines) - (not message.endswith((b"\r", b"\n"))) if lines else 0
    return len(message) - sum(map(len, lines)) != 2 * ends or b"\0" in message


PARTS = (b"\r\n", b"\r", b"\n", b"x", b"\x0b", b"\x0c", b"\x85", b"\0")


@given(st.lists(st.sampled_from(PARTS)))
def test_bare_controls_are_the_same_whether_counted_or_cut_off(parts: list[bytes]) -> None:
    message = b"".join(parts)
    assert has_bare_controls(message) == lines_cut_off(message)


def test_looking_for_bare_controls_copies_no_mail_of_short_lines() -> None:
    message = b"xy\r\n" * 500_000
    tracemalloc.start()
    try:
        assert not has_bare_controls(message)
        assert tracemalloc.get_traced_memory()[1] < len(message) // 10
    finally:
        tracemalloc.stop()


@given(st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"x", b"\0"])))
def test_bare_controls_are_what_is_left_without_line_ends(parts: list[bytes]) -> None:
    message = b"".join(parts)
    left = message.replace(b"\r\n", b"-")
    assert has_bare_controls(message) == any(control in left for control in b"\r\n\0")
