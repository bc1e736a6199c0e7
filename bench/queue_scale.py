"""Leases and outcomes of 200 deliveries at a time, by the size of queue and history."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from django.db import connection
from django.utils import timezone

from bench.queue_tables import BYTES_PER_DELIVERY, Filling, bench_queue, free_bytes, old_snapshot
from smtp_gateway import queue
from smtp_gateway.bridge import LOOK_UPS

Spent = tuple[float, float]
"""Milliseconds by the clock, and of them those in which the backend computed."""

_COLUMNS = ("median", "p99", "CPU")
_BATCH = 200
_SMALL_BYTES = 16 * 1024
_SIZES = (1_000, 100_000, 1_000_000, 10_000_000)
_MOST_BESIDE_HISTORY = 100_000


@dataclass
class Timings:
    """Milliseconds of each lease and of each batch of outcomes."""

    lease: list[Spent] = field(default_factory=list)
    record: list[Spent] = field(default_factory=list)

    def cells(self) -> str:
        return f"{_cells(self.lease)} | {_cells(self.record)}"

    def part(self, begin: float, end: float) -> "Timings":
        """Those between two parts of the time, 0 to 1."""
        cut = slice(int(begin * len(self.lease)), int(end * len(self.lease)))
        return Timings(self.lease[cut], self.record[cut])


class Stopwatch:
    """Times calls, and what the database's backend computed meanwhile, to the nanosecond."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    @contextmanager
    def into(self, spent: list[Spent]) -> Iterator[None]:
        cpu_ns, began = self._cpu_ns(), time.perf_counter()
        yield
        wall_ms = (time.perf_counter() - began) * 1000
        spent.append((wall_ms, (self._cpu_ns() - cpu_ns) / 1e6))

    def _cpu_ns(self) -> int:
        return int(self._backend.read_text().split()[0])


def turn_over(filling: Filling, rounds: int, *, senders: int) -> Timings:
    """Each round leases and records a batch, and as many new mails come in, which is not timed."""
    relay_id = queue.register_relay(host="bench", pid=1)
    timings, outlook, watch = Timings(), queue.Outlook(), Stopwatch()
    for _ in range(rounds):
        with watch.into(timings.lease):
            leased, _ = queue.take(
                relay_id=relay_id, lane="trigger", limit=_BATCH, small_bytes=_SMALL_BYTES,
                outlook=outlook,
            )  # fmt: skip
        outcomes = [_relayed(each) for each in leased]
        with watch.into(timings.record):
            queue.record(relay_id=relay_id, outcomes=outcomes)
        filling.add(_BATCH, senders=senders)
    return timings


def _relayed(delivery: queue.LeasedDelivery) -> queue.Outcome:
    return queue.Outcome(
        delivery, "relayed", at=timezone.now(), route="smarthost",
        next_hop="mx.example.net:25", reply="250 2.0.0 Ok", duration_ms=5,
    )  # fmt: skip


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
                yield f"| {queued:,} | {finished:,} | {senders:,} | not enough disk | | | | | |"
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


def _cells(spent: Sequence[Spent]) -> str:
    walls, cpus = (sorted(column) for column in zip(*spent, strict=True))
    p99 = walls[min(len(walls) - 1, int(len(walls) * 0.99))]
    return f"{median(walls):.1f} | {p99:.1f} | {median(cpus):.1f}"


def look_up() -> None:
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
    # So that the database is stopped and its directory taken away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with bench_queue() as filling:
        look_up()
        _head("queued", "finished", "senders")
        for line in sizes(filling, arguments.sizes, arguments.rounds):
            print(line, flush=True)
        if arguments.snapshot_rounds:
            _head("queued", "senders", "mails")
            size, rounds = arguments.snapshot_size, arguments.snapshot_rounds
            for line in under_a_snapshot(filling, size, rounds):
                print(line, flush=True)


def _head(*names: str) -> None:
    columns = [*names, *(f"{what}: {c}" for what in ("lease", "record") for c in _COLUMNS)]
    print(f"\n| {' | '.join(columns)} |\n|{'---:|' * len(columns)}")


if __name__ == "__main__":
    main()
