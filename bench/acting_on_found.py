"""How long "Send again" looks for all that a search finds which no index carries, and how long its
longest statement takes, beside a million mails."""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.utils.module_loading import import_string

from bench.console_filling import fill_console
from bench.queue_tables import bench_queue

_SEARCHES = (
    ("a rare part of subjects", {"search": "A rare subject", "where": "subject"}),
    ("a part of no subject", {"search": "nothing like it", "where": "subject"}),
    ("a rare domain", {"search": "@rare.example", "where": "to"}),
    ("no domain", {"search": "@nowhere.example", "where": ""}),
    ("a frequent part of subjects", {"search": "order", "where": "subject"}),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1_000_000)
    options = parser.parse_args()
    with bench_queue():
        fill_console(options.mails)
        # By name: this file is read before there are settings.
        find = import_string("smtp_gateway.selection.find")
        selection = import_string("smtp_gateway.selection.Selection")
        print("| search | found | seconds | statements | longest, ms |\n|---|---:|---:|---:|---:|")
        for name, asked in _SEARCHES:
            for action in ("send-again", "cancel"):
                _print(f"{name}, {action}", find, selection("found", **asked), action)


def _print(name: str, find: Callable[..., Any], selection: object, action: str) -> None:
    began = time.perf_counter()
    with _timed() as spent:
        found = find(selection, action)
    seconds = time.perf_counter() - began
    longest = max(spent) * 1000
    print(f"| {name} | {len(found)} | {seconds:.1f} | {len(spent)} | {longest:.0f} |", flush=True)


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Seconds of each statement."""
    spent: list[float] = []

    def note(execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent.append(time.perf_counter() - began)

    with connection.execute_wrapper(note):
        yield spent


if __name__ == "__main__":
    main()
