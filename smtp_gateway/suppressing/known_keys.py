"""A million numbers in 8 MB, and whether one of a few is among them. Pure.

The upper 32 bits of a number are of a recipient, the lower of whose mail is meant, so that one look
finds all that is known of a recipient. What changed since the list was loaded stands beside it.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence

_SCOPE_MASK = 0xFFFFFFFF


class KnownKeys:
    """Signed numbers of 64 bits."""

    def __init__(self, loaded: Iterable[bytes] = ()) -> None:
        """`loaded`: in order, 8 octets each, the first octet first."""
        self._sorted = array("q")
        for part in loaded:
            self._sorted.frombytes(part)
        if sys.byteorder == "little":
            self._sorted.byteswap()
        self._added: set[int] = set()
        self._removed: set[int] = set()

    def __len__(self) -> int:
        return len(self._sorted) + len(self._added) - len(self._removed)

    @property
    def changes(self) -> int:
        """How many stand beside the list, each of which takes ten times the memory."""
        return len(self._added) + len(self._removed)

    @property
    def is_empty(self) -> bool:
        return not self._sorted and not self._added

    def change(self, *, added: Collection[int], removed: Collection[int]) -> None:
        """What came and went since the last time."""
        self._added.update(added)
        self._removed.difference_update(added)
        self._removed.update(removed)
        self._added.difference_update(removed)

    def has_any(self, recipients: Sequence[int], scopes: Sequence[int]) -> bool:
        """Whether one of these recipients is there for one of these scopes."""
        return any(self._has(recipient << 32, scopes) for recipient in recipients)

    def _has(self, first: int, scopes: Sequence[int]) -> bool:
        if self._added and any(first | scope in self._added for scope in scopes):
            return True
        place = bisect_left(self._sorted, first)
        while place < len(self._sorted):
            key = self._sorted[place]
            if key & ~_SCOPE_MASK != first:
                return False
            if key & _SCOPE_MASK in scopes and key not in self._removed:
                return True
            place += 1
        return False
