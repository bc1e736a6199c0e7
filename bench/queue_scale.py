"""Leases and outcomes of 200 deliveries at a time, by the size of queue and history."""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from django.db import connection
from django.utils import timezone

from bench.queue_tables import BYTES_PER_DELIVERY, Filling, bench_queue, free_bytes, old_snapshot
from smtp_gateway import queue
from smtp_gateway.bridge import LOOK_UPS

_BATCH = 200
_SMALL_BYTES = 16 * 1024
_SIZES = (1_000, 100_000, 1_000_000, 10_000_000)
_MOST_BESIDE_HISTORY = 100_000


@dataclass
class Timings:
    """Milliseconds of each lease and of each batch of outcomes."""

    lease: list[float] = field(default_factory=list)
    record: list[float] = field(default_factory=list)

    def cells(self) -> str:
        figures = (f(ms) for ms in (self.lease, self.record) for f in (median, _p99))
        return " | ".join(f"{figure:.1f}" for figure in figures)

    def part(self, begin: float, end: float) -> "Timings":
        """Those between two parts of the time, 0 to 1."""
        cut = slice(int(begin * len(self.lease)), int(end * len(self.lease)))
        return Timings(self.lease[cut], self.record[cut])


def turn_over(filling: Filling, rounds: int, *, senders: int) -> Timings:
    """Each round leases and records a batch, and as many new mails come in, which is not timed."""
    relay_id = queue.register_relay(host="bench", pid=1)
    timings, outlook = Timings(), queue.Outlook()
    for _ in range(rounds):
        began = time.perf_counter()
        leased, _ = queue.take(
            relay_id=relay_id, lane="trigger", limit=_BATCH, small_bytes=_SMALL_BYTES,
            outlook=outlook,
        )  # fmt: skip
        timings.lease.append((time.perf_counter() - began) * 1000)
        outcomes = [
            queue.Outcome(
                each, "relayed", at=timezone.now(), route="smarthost",
                next_hop="mx.example.net:25", reply="250 2.0.0 Ok", duration_ms=5,
            )
            for each in leased
        ]  # fmt: skip
        began = time.perf_counter()
        queue.record(relay_id=relay_id, outcomes=outcomes)
        timings.record.append((time.perf_counter() - began) * 1000)
        filling.add(_BATCH, senders=senders)
    return timings


def sizes(filling: Filling, wanted: Sequence[int], rounds: int) -> Iterator[str]:
    for size in wanted:
        beside = min(size, _MOST_BESIDE_HISTORY)
        for queued, finished, senders in (
            (size, 0, 1),
            (size, 0, 1000),
            (beside, size, 1),
            (beside, size, 1000),
        ):
            if (queued + finished) * BYTES_PER_DELIVERY > free_bytes() // 2:
                yield f"| {queued:,} | {finished:,} | {senders:,} | not enough disk | | | |"
                continue
            filling.fill(queued=queued, finished=finished, senders=senders)
            turn_over(filling, 20, senders=senders)  # not counted: statements are prepared then
            cells = turn_over(filling, rounds, senders=senders).cells()
            yield f"| {queued:,} | {finished:,} | {senders:,} | {cells} |"


def under_a_snapshot(filling: Filling, size: int, rounds: int) -> Iterator[str]:
    for senders in (1, 1000):
        filling.fill(queued=size, finished=0, senders=senders)
        turn_over(filling, 20, senders=senders)
        with old_snapshot():
            timings = turn_over(filling, rounds, senders=senders)
        for begin, end in ((0, 0.1), (0.9, 1)):
            mails = f"{int(begin * rounds * _BATCH):,} to {int(end * rounds * _BATCH):,}"
            yield f"| {size:,} | {senders:,} | {mails} | {timings.part(begin, end).cells()} |"


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def _look_up() -> None:
    """As the relay's connections are."""
    with connection.cursor() as cursor:
        for name, value in LOOK_UPS.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=_SIZES)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--snapshot-size", type=int, default=300_000)
    parser.add_argument("--snapshot-rounds", type=int, default=1000)
    arguments = parser.parse_args()
    columns = "lease: median | p99 | record: median | p99 |"
    with bench_queue() as filling:
        _look_up()
        print(f"| queued | finished | senders | {columns}\n|---:|---:|---:|---:|---:|---:|---:|")
        for line in sizes(filling, arguments.sizes, arguments.rounds):
            print(line, flush=True)
        if not arguments.snapshot_rounds:
            return
        print(f"\n| queued | senders | mails | {columns}\n|---:|---:|---|---:|---:|---:|---:|")
        for line in under_a_snapshot(filling, arguments.snapshot_size, arguments.snapshot_rounds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
