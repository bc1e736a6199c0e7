"""Reads the data of one mail in bulk: finds its end, removes the dots, keeps within the limit.

RFC 5321 sections 4.1.1.4 and 4.5.2. Only CR LF . CR LF ends the data; every look-alike with a bare
CR or LF is data, which `has_bare_controls` then refuses. Knows no connection.
"""

import re

_END = b"\r\n.\r\n"
# Patterns because they are two to five times as fast as `find` and `count` where lines are many.
_FIND_END = re.compile(re.escape(_END)).search
_FIND_DOT_LINE = re.compile(rb"\r\n[.]").search


class DataReader:
    """Takes chunks in; memory is bounded by the limit, whatever is sent.

    `max_message_bytes` counts as RFC 1870 does: with line ends, without the dots put in.
    """

    def __init__(self, max_message_bytes: int) -> None:
        self._limit = max_message_bytes
        # As if a line had ended before, so that a dot at the very start needs no case of its own.
        self._raw = bytearray(b"\r\n")
        self._has_dots = False
        """A line begins with a dot, and it is not the end."""
        self._dots = 0
        """Put in by the client, in the first `_counted` bytes."""
        self._counted = 0
        self.is_too_large = False

    @property
    def keeps(self) -> bool:
        """Whether what is fed may still become a message."""
        return not self.is_too_large

    def feed(self, chunk: bytes | bytearray) -> bytes | None:
        """None: the end is not there yet. Else what came after the end of the data."""
        searched = max(0, len(self._raw) - len(_END) + 1)
        self._raw += chunk
        end = self._end(searched)
        if end < 0:
            # A part of the end of the data may be there already.
            self._keep_within(self._limit + len(_END))
            return None
        rest = bytes(self._raw[end + len(_END) :])
        del self._raw[end + 2 :]
        # The dot of the end may have been taken for one that was put in.
        self._dots = self._counted = 0
        self._keep_within(self._limit)
        return rest

    def _end(self, searched: int) -> int:
        """Where the end of the data begins; negative: it is not there yet."""
        if not self._has_dots:
            # The first line with a dot is nearly always the last one.
            dot_line = _FIND_DOT_LINE(self._raw, searched)
            if dot_line is None or dot_line.start() + len(_END) > len(self._raw):
                return -1
            if self._raw.startswith(_END, dot_line.start()):
                return dot_line.start()
            self._has_dots = True
        found = _FIND_END(self._raw, searched)
        return found.start() if found else -1

    def give_up(self) -> None:
        """Keeps nothing from here on, and goes on looking for the end."""
        self.is_too_large = True

    def message(self) -> bytes:
        """The message as its author wrote it, each line with its CR LF. Once only."""
        # A large mail is hardly ever in memory twice at a time: ten of them may come at once.
        raw, self._raw = self._raw, bytearray()
        if self._has_dots:
            raw = raw.replace(b"\r\n.", b"\r\n")
        return bytes(memoryview(raw)[2:])

    def _keep_within(self, limit: int) -> None:
        raw = self._raw
        if self.is_too_large or self._size_is_over(limit):
            self.is_too_large = True
            del raw[: max(0, len(raw) - len(_END) + 1)]

    def _size_is_over(self, limit: int) -> bool:
        size = len(self._raw) - 2
        return size > limit and size - self._dots_put_in() > limit

    def _dots_put_in(self) -> int:
        self._dots += self._raw.count(b"\r\n.", max(0, self._counted - 2))
        self._counted = len(self._raw)
        return self._dots


def has_bare_controls(message: bytes) -> bool:
    """Whether there is a CR or LF alone, or a NUL: what SMTP smuggling is made of."""
    # Counted, so that it takes the same time and no memory however many lines there are: as a list
    # of lines, 15 MiB of the shortest would take six times as long, and ten times their size.
    ends = message.count(b"\r\n")
    return message.count(b"\r") != ends or message.count(b"\n") != ends or b"\0" in message
