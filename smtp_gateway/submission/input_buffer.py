"""What a client sent and nobody has looked at yet: cut into command lines, or taken whole.

Only CR LF ends a line (RFC 5321 section 2.3.8). A line that is refused before its end has come is
skipped to that end, so that what follows a bare LF is never taken for a command. Pure.
"""

from enum import Enum


class LineFault(Enum):
    """Why there is no line to work with."""

    TOO_LONG = "too-long"
    BARE_LF = "bare-lf"


class InputBuffer:
    """Bytes in the order in which they came; `len` is how many lie unread."""

    def __init__(self) -> None:
        self._data = b""
        self._at = 0
        self._skipped_for: LineFault | None = None

    def __len__(self) -> int:
        return len(self._data) - self._at

    def add(self, data: bytes) -> None:
        self._data = self._data[self._at :] + data if self._at < len(self._data) else data
        self._at = 0

    def take(self) -> bytes:
        """Everything that lies unread."""
        data = self._data[self._at :] if self._at else self._data
        self.clear()
        return data

    def clear(self) -> None:
        self._data, self._at = b"", 0

    def next_line(self, max_bytes: int) -> bytes | LineFault | None:
        """The next line without its CR LF; None: it has not come in full.

        A fault is told as soon as it is certain, so a client that ends its lines wrongly hears of
        it; what remains of the line is then skipped.
        """
        while (end := self._data.find(b"\r\n", self._at)) >= 0:
            begin, self._at = self._at, end + 2
            if self._skipped_for is None:
                is_short = end - begin <= max_bytes
                return self._data[begin:end] if is_short else LineFault.TOO_LONG
            self._skipped_for = None
        return self._fault_so_far(max_bytes) if self._at < len(self._data) else None

    def _fault_so_far(self, max_bytes: int) -> LineFault | None:
        known, fault = self._skipped_for, None
        if len(self) > max_bytes:
            fault = LineFault.TOO_LONG
        elif self._data.endswith(b"\n"):
            fault = LineFault.BARE_LF
        self._skipped_for = known or fault
        if self._skipped_for is not None:
            # Half of a CR LF may be there already.
            self._data, self._at = b"\r" if self._data.endswith(b"\r") else b"", 0
        return fault if known is None or fault is known is LineFault.BARE_LF else None
