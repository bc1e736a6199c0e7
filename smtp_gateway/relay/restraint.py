"""Keeps a lane from leasing at once again what it left to other relays. Pure.

They have a moment in which to take it. Times are seconds of one steady clock.
"""

import time
from collections.abc import Callable

_FIRST_SECONDS, _LONGEST_SECONDS = 0.1, 1.0


class Restraint:
    """For how long nothing is leased: longer each time where nothing else is found for long."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds = _FIRST_SECONDS
        self._until = float("-inf")
        self._under_way = 0

    def begin(self, *, is_all: bool) -> None:
        """Something is being left to others; `is_all`: the lease held nothing else."""
        is_soon = self._clock() - self._until <= self._seconds
        longer = min(2 * self._seconds, _LONGEST_SECONDS)
        self._seconds = longer if is_all and is_soon else _FIRST_SECONDS
        self._under_way += 1

    def end(self) -> None:
        """From now on others can take it."""
        self._under_way -= 1
        self._until = self._clock() + self._seconds

    def seconds(self) -> float:
        """Until the lane may lease again; 0: it may."""
        if self._under_way:
            # What came back before its giving back has ended would be forgotten while in hand.
            return self._seconds
        return max(0.0, self._until - self._clock())
