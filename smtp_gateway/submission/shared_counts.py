"""What all workers of the gateway count together: who has how many connections open.

Made before the workers are forked: anonymous shared memory with one row of plain 32-bit counters
for each worker. A worker writes its own row only, so there is no lock; what holds for the whole
gateway is the sum over the rows. Knows no SMTP.
"""

import hashlib
import mmap
import secrets

# A count-min sketch: two tables, so that a name shares both its buckets with another very rarely.
_BUCKETS = 32_768
_COUNTERS = 1 + 2 * _BUCKETS
_COUNTER_BYTES = 4


class SharedCounts:
    """One row for each worker, 256 KiB of address space, of which only what is used is there."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        # Nobody outside can choose names that fall together.
        self._key = secrets.token_bytes(16)
        memory = mmap.mmap(-1, workers * _COUNTERS * _COUNTER_BYTES)
        self._counters = memoryview(memory).cast("I")

    def row(self, worker: int) -> "CountsRow":
        """The row that this worker, from 0 on, writes; call it in the worker or before the fork."""
        if not 0 <= worker < self.workers:
            raise ValueError(f"no worker {worker} of {self.workers}")
        return CountsRow(self, worker * _COUNTERS)

    def forget(self, worker: int) -> None:
        """What a worker counted is gone with it: for whoever replaces a dead one."""
        start = worker * _COUNTERS
        self._counters[start : start + _COUNTERS] = memoryview(bytes(_COUNTERS * 4)).cast("I")

    def places(self, name: bytes) -> tuple[int, int]:
        """Where in a row `name` is counted."""
        digest = hashlib.blake2b(name, key=self._key, digest_size=8).digest()
        number = int.from_bytes(digest)
        return 1 + number % _BUCKETS, 1 + _BUCKETS + (number >> 32) % _BUCKETS

    def sum(self, place: int) -> int:
        """Over all workers."""
        counters = self._counters
        return sum(counters[row + place] for row in range(0, self.workers * _COUNTERS, _COUNTERS))

    def change(self, place: int, by: int) -> None:
        self._counters[place] = max(0, self._counters[place] + by)


class CountsRow:
    """One worker's view: it adds and removes in its own row, and reads all."""

    def __init__(self, counts: SharedCounts, start: int) -> None:
        self._counts = counts
        self._start = start

    def add_connection(self) -> int:
        """Counts one more; how many there are now in the whole gateway."""
        self._counts.change(self._start, 1)
        return self._counts.sum(0)

    def remove_connection(self) -> None:
        self._counts.change(self._start, -1)

    def add(self, name: bytes) -> int:
        """Counts one more of `name`; how many there are now, hardly ever too high, never too low.

        Whoever adds before looking cannot slip in beside another worker that does the same.
        """
        places = self._counts.places(name)
        for place in places:
            self._counts.change(self._start + place, 1)
        return min(self._counts.sum(place) for place in places)

    def remove(self, name: bytes) -> None:
        for place in self._counts.places(name):
            self._counts.change(self._start + place, -1)

    @property
    def connections(self) -> int:
        """In the whole gateway."""
        return self._counts.sum(0)

    def count(self, name: bytes) -> int:
        return min(self._counts.sum(place) for place in self._counts.places(name))
