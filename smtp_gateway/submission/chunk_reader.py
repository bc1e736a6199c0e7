"""Reads one chunk of BDAT (RFC 3030 section 2): as many bytes as were announced, whatever they are.

Knows no connection.
"""


class ChunkReader:
    """Puts what arrives behind `content`, the chunks before it; None: the chunk is refused."""

    def __init__(self, size_bytes: int, content: bytearray | None) -> None:
        self._missing_bytes = size_bytes
        self._content = content

    @property
    def keeps(self) -> bool:
        return self._content is not None

    def give_up(self) -> None:
        """Keeps nothing, of the chunks before neither, and goes on counting to its end."""
        if self._content is not None:
            self._content.clear()
        self._content = None

    def feed(self, arrived: bytes) -> bytes | None:
        """None: more must come. Else what came behind the chunk."""
        if self._content is not None:
            self._content += arrived[: self._missing_bytes]
        rest = arrived[self._missing_bytes :]
        self._missing_bytes -= len(arrived) - len(rest)
        return None if self._missing_bytes else rest
