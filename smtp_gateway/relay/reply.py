"""SMTP replies of a next hop (RFC 5321 section 4.2): read from bytes, within limits."""

import functools
import re
from dataclasses import dataclass

# RFC 5321 allows 512 bytes a line; real servers answer with longer ones.
_MAX_LINE_BYTES = 4096
_MAX_LINES = 200
_MAX_TEXT_CHARS = 2000
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?\Z", re.DOTALL)
# PostgreSQL's text has no NUL, and nobody wants the other control characters on a page.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class BadReply(Exception):
    """What the next hop sent is no SMTP reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply; `lines` are without code and line end."""

    code: int
    lines: tuple[str, ...]

    @property
    def kind(self) -> int:
        """The first digit: 2 done, 3 go on, 4 not now, 5 never."""
        return self.code // 100

    def __str__(self) -> str:
        text = " ".join(line for line in self.lines if line)
        return f"{self.code} {text}".strip()[:_MAX_TEXT_CHARS]

    def lines_said(self) -> str:
        """All of it as it came, a line each."""
        if len(self.lines) == 1:
            return f"{self.code} {self.lines[0]}"
        *first, last = self.lines or ("",)
        return "\n".join([*(f"{self.code}-{line}" for line in first), f"{self.code} {last}"])


class ReplyReader:
    """Puts replies together from what the network brings."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._code = 0
        self._lines: list[str] = []
        self.fault: BadReply | None = None
        """What came behind the last complete reply: no other can follow it."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing of a next reply has come yet."""
        return not self._buffer and not self._lines and self.fault is None

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that `data` completes. Raises BadReply where there is none before a fault."""
        if self.fault is not None:
            raise self.fault
        if self.is_empty and data.endswith(b"\r\n"):
            # Nearly always: whole replies of one line each, and all but the last well known.
            lines = data[:-2].split(b"\r\n")
            whole = [reply for line in lines if (reply := _whole(line)) is not None]
            if len(whole) == len(lines):
                return whole
        self._buffer += data
        replies: list[Reply] = []
        try:
            self._take_lines(replies)
        except BadReply as fault:
            self.fault = fault
            if not replies:
                raise
        return replies

    def _take_lines(self, replies: list[Reply]) -> None:
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end]).removesuffix(b"\r")
            del self._buffer[: end + 1]
            if (reply := self._take_line(line)) is not None:
                replies.append(reply)
        if len(self._buffer) > _MAX_LINE_BYTES:
            raise BadReply("a reply line that is too long")

    def _take_line(self, line: bytes) -> Reply | None:
        match = _LINE.match(line)
        if match is None or len(line) > _MAX_LINE_BYTES:
            raise BadReply(f"a line that is no SMTP reply: {_readable(line[:80])!r}")
        code, separator, text = int(match[1]), match[2], match[3] or b""
        if self._lines and code != self._code:
            raise BadReply(f"one reply with two codes: {self._code} and {code}")
        self._code = code
        self._lines.append(_readable(text))
        if len(self._lines) > _MAX_LINES:
            raise BadReply("a reply of too many lines")
        if separator == b"-":
            return None
        reply, self._lines = Reply(code, tuple(self._lines)), []
        return reply


@functools.lru_cache(256)
def _whole(line: bytes) -> Reply | None:
    """The reply that `line` is on its own; None: it is not, or is none at all."""
    match = _LINE.match(line)
    if match is None or match[2] == b"-" or b"\n" in line or len(line) > _MAX_LINE_BYTES:
        return None
    return Reply(int(match[1]), (_readable(match[3] or b""),))


def _readable(text: bytes) -> str:
    return _CONTROL.sub(" ", text.decode("utf-8", "replace")).strip()
