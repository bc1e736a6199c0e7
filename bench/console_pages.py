"""Server time of the console's pages beside a million mails, and how fast lists become files.

In one process, through every middleware and template, with PostgreSQL on the same machine.
"""

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from bench.console_filling import ROUTES, SENDERS, count_console, fill_console
from bench.console_mails import LONG, MANY, WITH_CONTENTS, fill_mails
from bench.console_people import fill_people
from bench.queue_tables import bench_queue

_FILE_PIECES = 50


@dataclass(frozen=True)
class Measured:
    """A page: its name in the table, and its address.

    `{n}` differs from run to run, and so do `{relayed}` and `{kept}`, which are queue IDs,
    `{session}` and `{route}`.
    """

    name: str
    path: str

    def at(self, run: int) -> str:
        n = run * 37 % SENDERS
        return self.path.format(
            n=n,
            relayed=f"{WITH_CONTENTS.start + 2 * n + 1:016X}",
            kept=f"{WITH_CONTENTS.start + 2 * n:016X}",
            session=f"{n:016x}",
            route=1 + run % ROUTES,
        )


_NOW = int(time.time()) // 3600 * 3600


def _of_days(first: int, last: int, **others: str) -> str:
    """The mail log from so many days ago to so many days ago."""
    days = [f"{datetime.fromtimestamp(_NOW - ago * 86400, UTC):%Y-%m-%d}" for ago in (first, last)]
    return f"/mail-log/?{urlencode({'from': days[0], 'to': days[1], **others})}"


def _counted(outcome: str, days: int, hours: int) -> str:
    """What a number of the overview leads to: so long ago, for so many hours."""
    since = datetime.fromtimestamp(_NOW - days * 86400, UTC)
    until = since + timedelta(hours=hours)
    times = {"since": since.isoformat(), "until": until.isoformat()}
    return f"/mail-log/?{urlencode({'outcome': outcome, **times})}"


PAGES = (
    Measured("Overview, 24 hours", "/?period=24h"),
    Measured("… 7 days", "/?period=7d"),
    Measured("… 30 days", "/?period=30d"),
    *(
        Measured(
            f"Mail Log, {outcome} in {hours} hours {days} days ago", _counted(outcome, days, hours)
        )
        for outcome in ("accepted", "relayed", "kept", "bounced", "deferred")
        for days, hours in ((1, 25), (5, 1))
    ),
    Measured("Mail Log", "/mail-log/"),
    Measured("… deep", "/mail-log/?below=2{n}000"),
    Measured("… deep, upwards", "/mail-log/?above=2{n}000"),
    Measured("… oldest first", "/mail-log/?sort=time"),
    *(
        Measured(f"… {state}", f"/mail-log/?state={state}")
        for state in ("queued", "deferred", "leased", "relayed", "kept", "bounced", "expired")
    ),
    *(Measured(f"… {state}", f"/mail-log/?state={state}") for state in ("cancelled", "held")),
    Measured("… relayed, deep", "/mail-log/?state=relayed&below=300{n}"),
    Measured("… refused", "/mail-log/?state=refused"),
    Measured("… refused, search", "/mail-log/?state=refused&q=s{n}@"),
    Measured("… queue ID", "/mail-log/?q=00000000000{n}"),
    Measured("… recipient", "/mail-log/?q=r{n}0@r"),
    Measured("… recipient, a few letters", "/mail-log/?q=r&in=to"),
    Measured("… sender", "/mail-log/?q=s{n}@d&in=from"),
    Measured("… sender, bounced", "/mail-log/?q=s{n}@d&in=from&state=bounced"),
    Measured("… nobody", "/mail-log/?q=nobody{n}@"),
    Measured("… domain", "/mail-log/?q=@r5.example"),
    Measured("… rare domain, deep", "/mail-log/?q=@rare.example&below=5{n}00"),
    Measured("… subject", "/mail-log/?q=order+1&in=subject"),
    Measured("… rare subject, bounced", "/mail-log/?q=rare&in=subject&state=bounced"),
    Measured("… rare subject, oldest first", "/mail-log/?q=rare&in=subject&sort=time"),
    Measured("… of a day", _of_days(3, 3)),
    Measured("… Batch Mail of a week", _of_days(9, 2, type="batch")),
    Measured("… Batch Mail of a day, bounced", _of_days(3, 3, type="batch", state="bounced")),
    Measured("… Trigger Mail, expired", "/mail-log/?type=trigger&state=expired"),
    Measured("A mail", "/mail-log/{relayed}/"),
    Measured("… headers", "/mail-log/{relayed}/headers/"),
    Measured("… contents", "/mail-log/{relayed}/contents/"),
    Measured("… text", "/mail-log/{relayed}/contents/?view=text"),
    Measured("… source", "/mail-log/{relayed}/contents/?view=source"),
    Measured("A mail with 30 attempts", f"/mail-log/{LONG}/"),
    Measured("A mail with 100 recipients", f"/mail-log/{MANY}/"),
    Measured("… those that bounced", f"/mail-log/{MANY}/?state=bounced"),
    Measured("Local Mailbox", "/mailbox/"),
    Measured("… deep", "/mailbox/?below=3{n}00"),
    Measured("… search", "/mailbox/?q=rare"),
    Measured("… own mail", "/mailbox/?origin=own"),
    Measured("A kept mail", "/mailbox/{kept}/"),
    Measured("SMTP Sessions", "/smtp-sessions/"),
    Measured("… deep", "/smtp-sessions/?below=2{n}"),
    Measured("… refused", "/smtp-sessions/?show=refused"),
    Measured("… no sender address", "/smtp-sessions/?who=nobody"),
    Measured("… search", "/smtp-sessions/?q=s{n}@d"),
    Measured("… client", "/smtp-sessions/?q=10.0.7.57"),
    Measured("… domain", "/smtp-sessions/?q=@d7.test"),
    Measured("One session", "/smtp-sessions/{session}/"),
    Measured("Past actions", "/mail-log/actions/"),
    Measured("… search", "/mail-log/actions/?q=x{n}"),
    Measured("… cancelled", "/mail-log/actions/?action=cancel"),
    Measured("Sender Addresses", "/sender-addresses/"),
    Measured("… by address", "/sender-addresses/?sort=address"),
    Measured("… by last use", "/sender-addresses/?sort=-used"),
    Measured("… deep", "/sender-addresses/?sort=address&below=s{n}@d1.test"),
    Measured("… search", "/sender-addresses/?q={n}@d"),
    Measured("DKIM Keys", "/dkim-keys/"),
    Measured("Routes", "/routes/"),
    Measured("A route", "/routes/{route}/"),
    Measured("People", "/people/"),
    Measured("Audit Log", "/audit/"),
    Measured("… deep", "/audit/?below=1{n}00"),
    Measured("… search", "/audit/?q=s{n}@d"),
    Measured("… rare", "/audit/?q=rare"),
    Measured("… nobody", "/audit/?q=nobody{n}@"),
    Measured("… IP address", "/audit/?q=10.0.7.57"),
    Measured("… of a person", "/audit/?who=op7@example.com"),
    Measured("… an action", "/audit/?action=sender_address.created"),
    Measured("… an object", "/audit/?object=sender_address~{n}"),
    Measured("… the last week", "/audit/?when=7d"),
    Measured("Your account", "/account/"),
)
FILES = (
    Measured("Mail Log", "/mail-log/export/"),
    Measured("… subject", "/mail-log/export/?q=order+1&in=subject"),
    Measured("Local Mailbox", "/mailbox/export/"),
    Measured("SMTP Sessions", "/smtp-sessions/export/"),
    Measured("Past actions", "/mail-log/actions/export/"),
    Measured("Sender Addresses", "/sender-addresses/export/"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--only", default="", help="part of a path")
    options = parser.parse_args()
    with bench_queue():
        fill_console(options.mails)
        fill_mails()
        fill_people()
        count_console()
        client = console()
        print_pages(client, [page for page in PAGES if options.only in page.path], options.runs)
        _print_files(client, [page for page in FILES if options.only in page.path])


def console() -> Client:
    client = Client(headers={"host": "localhost"})
    operators = get_user_model().objects
    client.force_login(operators.create_user("bench@example.com", role="admin"))
    return client


def print_pages(client: Client, pages: Sequence[Measured], runs: int) -> None:
    print("| page | median | p95 | CPU |\n|---|---:|---:|---:|")
    for page in pages:
        spent = [_milliseconds(client, page.at(run)) for run in range(-3, runs)][3:]
        clock, cpu = zip(*spent, strict=True)
        p95 = quantiles(clock, n=20, method="inclusive")[-1]
        print(f"| {page.name} | {median(clock):.0f} | {p95:.0f} | {median(cpu):.0f} |", flush=True)


def _milliseconds(client: Client, path: str) -> tuple[float, float]:
    """By the clock, and what Python and PostgreSQL computed meanwhile."""
    backends, began_cpu = _backends_ms(), time.process_time()
    began = time.perf_counter()
    response = client.get(path)
    spent, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    assert response.status_code == 200, (path, response.status_code)
    return spent * 1000, cpu * 1000 + _backends_ms() - backends


def _backends_ms() -> float:
    """What all of PostgreSQL's backends have computed so far, to the nanosecond."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
        pids = [pid for (pid,) in cursor.fetchall()]
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e6


def _print_files(client: Client, files: Sequence[Measured]) -> None:
    print("\n| file | first row, ms | rows/s |\n|---|---:|---:|")
    for file in files:
        began = time.perf_counter()
        response: Any = client.get(file.path)
        pieces = _filled(response.streaming_content)
        first = next(pieces)
        waited = time.perf_counter() - began
        rows = sum(piece.count(b"\r\n") for piece in (first, *islice(pieces, _FILE_PIECES)))
        rate = rows / (time.perf_counter() - began)
        print(f"| {file.name} | {waited * 1000:.0f} | {rate:,.0f} |", flush=True)
        response.close()


def _filled(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Without the header line, and without batches in which nothing was found."""
    return (piece for piece in islice(pieces, 1, None) if piece)


if __name__ == "__main__":
    main()
