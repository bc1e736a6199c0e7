"""Reads one chunk of BDAT (RFC 3030 section 2): as many bytes as were announced, whatever they are.

Knows no connection.
"""


class ChunkReader:
    """Takes in what arrives; keeps nothing of a chunk that is refused already."""

    def __init__(self, size_bytes: int, *, is_kept: bool) -> None:
        self._missing_bytes = size_bytes
        self._is_kept = is_kept
        self.content = bytearray()

    def give_up(self) -> None:
        """Keeps nothing of it, and goes on counting to its end."""
        self._is_kept = False
        self.content.clear()

    def feed(self, arrived: bytes) -> bytes | None:
        """None: more must come. Else what came behind the chunk."""
        if self._is_kept:
            self.content += arrived[: self._missing_bytes]
        rest = arrived[self._missing_bytes :]
        self._missing_bytes -= len(arrived) - len(rest)
        return None if self._missing_bytes else rest
