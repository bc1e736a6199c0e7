"""Places at a destination: how many connections may be in use at a time, and by which lane.

Pure but for the futures of those who wait.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

Waiter = asyncio.Future[None]


class Places:
    """Lends places in turns by lane; their number may change at any time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used: Counter[str] = Counter()
        self._turns: Counter[str] = Counter()
        """When each lane was last let in, as a number that grows."""
        self._waiting: dict[str, deque[Waiter]] = {}

    @property
    def limit(self) -> int:
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        self._limit = limit
        self._let_in()

    @property
    def per_lane(self) -> int:
        """A quarter of the places is out of reach for each lane, so the other finds one free.

        A single place is shared: the lanes take turns.
        """
        return min(self._limit, max(1, self._limit - max(1, self._limit // 4)))

    @property
    def is_wanted(self) -> bool:
        """Whether one had better be given up: another lane waits for it, or there are too many."""
        if self._used.total() > self._limit:
            return True
        return any(self._used[lane] < self.per_lane for lane in self._waiting)

    @asynccontextmanager
    async def hold(self, lane: str) -> AsyncIterator[None]:
        """Waits until `lane` may use one more, and keeps it."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(lane, deque()).append(waiter)
        self._let_in()
        try:
            await waiter
        except asyncio.CancelledError:
            self._give_up(lane, waiter)
            raise
        try:
            yield
        finally:
            self._release(lane)

    def _give_up(self, lane: str, waiter: Waiter) -> None:
        if lane in self._waiting and waiter in self._waiting[lane]:
            self._remove(lane, waiter)
        else:
            # Let in and cancelled in the same moment.
            self._release(lane)

    def _remove(self, lane: str, waiter: Waiter) -> None:
        self._waiting[lane].remove(waiter)
        if not self._waiting[lane]:
            del self._waiting[lane]

    def _release(self, lane: str) -> None:
        self._used[lane] -= 1
        self._let_in()

    def _has_room(self, lane: str) -> bool:
        return self._used[lane] < self.per_lane

    def _let_in(self) -> None:
        while self._used.total() < self._limit:
            lanes = [lane for lane in self._waiting if self._has_room(lane)]
            if not lanes:
                return
            lane = min(lanes, key=lambda lane: (self._used[lane], self._turns[lane]))
            self._turns[lane] = max(self._turns.values(), default=0) + 1
            self._used[lane] += 1
            waiter = self._waiting[lane][0]
            self._remove(lane, waiter)
            if not waiter.done():
                waiter.set_result(None)
