"""How many mails a sender address sent to one recipient lately, over all workers of a gateway.

Anonymous shared memory, made before the workers are forked: a row for each worker, which it alone
writes, with counters for each slice of time. A count-min sketch: never too low, and too high only
where very many different recipients share a counter. Knows no SMTP.
"""

import hashlib
import mmap
import secrets
from collections.abc import Iterator

# Two tables, so that a name shares both its counters with another very rarely.
_BUCKETS = 1 << 18
_COUNTERS = 2 * _BUCKETS
_MOST = 0xFFFF
# So many whole slices are the window; with the one that has begun no window goes uncounted.
SLICES_OF_WINDOW = 5
_SLICES = SLICES_OF_WINDOW + 1
_MOST_FULL = 10_000
_NOTHING = memoryview(bytes(2 * _COUNTERS)).cast("H")


def counted_since(now: float, slice_seconds: float) -> float:
    """What came before that moment counts no more `now`. Epoch seconds, as all times here."""
    return (int(now / slice_seconds) - _SLICES + 1) * slice_seconds


def counted_until(at: float, slice_seconds: float) -> float:
    """When what came `at` that moment counts no more."""
    return (int(at / slice_seconds) + _SLICES) * slice_seconds


class RecentRecipients:
    """6 MiB of address space for each worker, of which only what is used is there."""

    def __init__(self, workers: int = 1, *, window_seconds: float = 300.0) -> None:
        self.workers = workers
        self.slice_seconds = window_seconds / SLICES_OF_WINDOW
        # Nobody outside can choose names that fall together.
        self._key = secrets.token_bytes(16)
        places = workers * _SLICES
        self.numbers = memoryview(mmap.mmap(-1, places * 8)).cast("Q")
        """The slice of time that each place is about, counted from the epoch."""
        self.counters = memoryview(mmap.mmap(-1, places * 2 * _COUNTERS)).cast("H")

    def row(self, worker: int) -> "RecentRow":
        """The row that this worker, from 0 on, writes."""
        if not 0 <= worker < self.workers:
            raise ValueError(f"no worker {worker} of {self.workers}")
        return RecentRow(self, worker)

    def buckets(self, sender: str, recipient: str) -> tuple[int, int]:
        """Where in a slice the pair is counted."""
        name = f"{sender}\0{recipient}".encode("utf-8", "replace")
        number = int.from_bytes(hashlib.blake2b(name, key=self._key, digest_size=8).digest())
        return number % _BUCKETS, _BUCKETS + (number >> 32) % _BUCKETS

    def at_most(self, bucket: int, current: int) -> int:
        """No less than what the window counts of whoever has this bucket, by one table alone."""
        counters, oldest = self.counters, current - _SLICES
        return sum(
            counters[place * _COUNTERS + bucket]
            for place, number in enumerate(self.numbers)
            if oldest < number <= current
        )

    def by_slice(self, buckets: tuple[int, int], current: int) -> Iterator[tuple[int, int]]:
        """The number of each slice of the window and what it counts, the oldest first."""
        one, other = buckets
        counters = self.counters
        for number in range(current - _SLICES + 1, current + 1):
            places = range(number % _SLICES, self.workers * _SLICES, _SLICES)
            rows = [place * _COUNTERS for place in places if self.numbers[place] == number]
            yield (
                number,
                min(
                    sum(counters[row + one] for row in rows),
                    sum(counters[row + other] for row in rows),
                ),
            )


class RecentRow:
    """One worker's view: it writes its own row, and reads all. Times are epoch seconds."""

    def __init__(self, recent: RecentRecipients, worker: int) -> None:
        self._recent = recent
        self._first_place = worker * _SLICES
        self._full: set[tuple[str, str]] = set()
        """Pairs that had as many as they may have, when this worker last looked."""

    def known_full_until(self, sender: str, recipient: str, now: float, most: int) -> float | None:
        """When there is room again where this worker knows that there is none; else None."""
        if not self._full or (sender, recipient) not in self._full:
            return None
        until = self._full_until(self._recent.buckets(sender, recipient), now, most)
        if until is None:
            self._full.discard((sender, recipient))
        return until

    def add(self, sender: str, recipient: str, now: float, most: int) -> float | None:
        """Counts one more; when there is room again where that is one too many, else None.

        Whoever adds before looking cannot slip in beside another worker that does the same.
        """
        buckets = self._recent.buckets(sender, recipient)
        self._change(buckets, now, 1)
        if self._recent.at_most(buckets[0], self._slice_at(now)) < most:
            return None
        if self._full_until(buckets, now, most) is not None:
            self._remember(sender, recipient)
        return self._full_until(buckets, now, most + 1)

    def remove(self, sender: str, recipient: str, now: float) -> None:
        """What was added at that time after all is not sent."""
        self._change(self._recent.buckets(sender, recipient), now, -1)

    def _full_until(self, buckets: tuple[int, int], now: float, most: int) -> float | None:
        counts = list(self._recent.by_slice(buckets, self._slice_at(now)))
        left = sum(count for _, count in counts)
        if left < most:
            return None
        for number, count in counts:
            left -= count
            if left < most:
                return (number + _SLICES) * self._recent.slice_seconds
        raise ValueError("No mail at all may be sent.")

    def _remember(self, sender: str, recipient: str) -> None:
        if len(self._full) >= _MOST_FULL:
            self._full.clear()
        self._full.add((sender, recipient))

    def _change(self, buckets: tuple[int, int], now: float, by: int) -> None:
        start = self._begun(self._slice_at(now))
        counters = self._recent.counters
        for bucket in buckets:
            counters[start + bucket] = min(_MOST, max(0, counters[start + bucket] + by))

    def _begun(self, number: int) -> int:
        """Where this worker's counters of that slice begin, emptied of the slice before."""
        place = self._first_place + number % _SLICES
        start = place * _COUNTERS
        if self._recent.numbers[place] != number:
            self._recent.counters[start : start + _COUNTERS] = _NOTHING
            self._recent.numbers[place] = number
        return start

    def _slice_at(self, now: float) -> int:
        return int(now / self._recent.slice_seconds)
