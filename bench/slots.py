"""Giving slots to paced mail, 200 at a time, by how much waits; and leases beside it."""

import argparse
import signal
import sys
from statistics import median

from django.db import connection

from bench.queue_scale import Spent, Stopwatch, look_up, turn_over
from bench.queue_tables import Filling, bench_queue
from smtp_gateway import queue
from smtp_gateway.paces import Paces, TypePace

_SIZES = (1_000, 100_000, 1_000_000)
_EACH = 200
# So many lie within the seconds for which slots are given.
_PACES = Paces({"batch": TypePace(_EACH * 15)})


def give(rounds: int) -> list[Spent]:
    """Each round gives 200 slots of one sender, whose turn is always now."""
    watch, spent = Stopwatch(), list[Spent]()
    for number in range(rounds + 20):
        with watch.into(spent):
            given = queue.give_slots(_PACES, unpaced=0)
        if number and given.number != _EACH:
            raise SystemExit(f"{given.number} slots instead of {_EACH}")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE smtp_gateway_senderpace SET next_slot_at = now()")
            # As if relayed: what is not leased in time would hold up the rest.
            cursor.execute("DELETE FROM smtp_gateway_delivery WHERE lane = 'batch'")
    return spent[20:]


def row(filling: Filling, size: int, rounds: int) -> str:
    filling.fill(queued=size + (rounds + 20) * _EACH, finished=0, senders=1, lane="paced")
    given = _cells(give(rounds))
    filling.add(1000, senders=1)
    turn_over(filling, 20, senders=1)
    lease = _cells(turn_over(filling, rounds, senders=1).lease)
    return f"| {size:,} | {given} | {lease} |"


def _cells(spent: list[Spent]) -> str:
    walls, cpus = zip(*spent, strict=True)
    return f"{median(walls):.1f} | {median(cpus):.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=_SIZES)
    parser.add_argument("--rounds", type=int, default=100)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with bench_queue() as filling:
        look_up()
        print("| waiting | 200 slots: ms | CPU | lease of 200 trigger mails: ms | CPU |")
        print("|---:|---:|---:|---:|---:|")
        for size in arguments.sizes:
            print(row(filling, size, arguments.rounds), flush=True)


if __name__ == "__main__":
    main()
