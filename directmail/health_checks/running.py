"""Runs the checks: the quick ones for a page, the others in the worker, all of them for a command.

Whatever asks a disk or the network runs on a thread that nobody waits for longer than a few
seconds: neither a page nor a worker may hang on what a check is there to find.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from django.db import DatabaseError, connection
from django.utils import timezone

from directmail.health_checks import (
    domains,
    engines,
    machine,
    network,
    next_hop,
    opting_out,
    processes,
    secrets,
)
from directmail.health_checks.standings import standings
from directmail.health_checks.values import Result, of_json
from smtp_gateway.findings import store, stored

Check = Callable[[], Result]

_SECONDS = 12.0
_PREFIX = "health:"
_OLD_SECONDS = 300

log = logging.getLogger(__name__)

# Milliseconds each, all from the database and the settings.
QUICK: Mapping[str, Check] = {
    "worker": processes.worker_and_beat,
    "relay": processes.relay,
    "domains": domains.sender_domains,
    "postgresql": engines.postgresql,
    "python": engines.python,
    "clock": engines.clock,
    "standing": standings,
    "secret-key": secrets.secret_key,
    "debug": secrets.debug,
    "first-operator": secrets.first_operator,
    "throttle": secrets.throttle,
}
# The order in which they are shown.
ORDER = (
    "gateway", "inbound", "relay", "worker", "next-hop", "domains", "standing", "one-click",
    "public-url", "certificate", "disk", "database-disk", "migrations", "postgresql", "redis",
    "python", "clock", "redis-clock", "secret-key", "debug", "first-operator", "throttle",
)  # fmt: skip
STORED = tuple(name for name in ORDER if name not in QUICK)


def for_page() -> list[Result]:
    """The quick ones as of now, the others as the worker found them, each with its age."""
    found = {name: _guarded(name, check) for name, check in QUICK.items()}
    known = stored([_PREFIX + name for name in STORED])
    for name in STORED:
        finding = known.get(_PREFIX + name)
        found[name] = (
            of_json(name, finding.value, finding.found_at)
            if finding
            else Result(name, "unknown", "check.never")
        )
    return [_aged(found[name]) for name in ORDER]


def store_slow() -> None:
    """For Celery: runs what a page does not wait for."""
    store({_PREFIX + result.check: result.to_json() for result in _run_slow()})


def run_all() -> list[Result]:
    """Every check, now."""
    quick = [_guarded(name, check) for name, check in QUICK.items()]
    found = {result.check: result for result in [*quick, *_run_slow()]}
    return [found[name] for name in ORDER]


def _run_slow() -> list[Result]:
    beside: dict[str, Check] = {
        "gateway": network.gateway,
        "inbound": network.inbound,
        "public-url": network.public_url,
        "certificate": machine.certificate,
        "disk": machine.disk,
        "redis": engines.redis,
        "redis-clock": engines.redis_clock,
        "database-disk": _guarded_check("database-disk", _database_disk),
        "next-hop": _guarded_check("next-hop", _next_hop),
    }
    of_database: dict[str, Check] = {
        "migrations": engines.migrations,
        "one-click": opting_out.one_click,
    }
    return [*_beside(beside), *(_guarded(name, check) for name, check in of_database.items())]


def _next_hop() -> Check:
    """Asks no next hop that is taking mail anyway."""
    if not next_hop.leads_out():
        return lambda: Result("next-hop", "warn", "next-hop.none")
    if (known := next_hop.by_outcomes()) is not None:
        return lambda: known
    if places := next_hop.places():
        return partial(network.next_hops, places)
    return lambda: Result("next-hop", "ok", "next-hop.idle")


def _database_disk() -> Check:
    with connection.cursor() as cursor:
        # Who may not know it is told nothing, and not refused.
        cursor.execute(
            "SELECT CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE')"
            " THEN current_setting('data_directory', true) END,"
            " coalesce(inet_server_addr() << '127.0.0.0/8', true)"
        )
        ((directory, is_here),) = cursor.fetchall()
    if not directory or not is_here:
        return lambda: Result("database-disk", "ok", "database-disk.elsewhere")
    return partial(machine.database_disk, directory)


def _beside(checks: Mapping[str, Check]) -> list[Result]:
    """Each on a thread of its own; what is not back in time is not waited for."""
    answers: queue.Queue[Result] = queue.Queue()
    for name, check in checks.items():
        work = partial(_put, answers, name, check)
        threading.Thread(target=work, daemon=True, name=f"health {name}").start()
    found: dict[str, Result] = {}
    deadline = time.monotonic() + _SECONDS
    while len(found) < len(checks) and (left := deadline - time.monotonic()) > 0:
        try:
            result = answers.get(timeout=left)
        except queue.Empty:
            break
        found[result.check] = result
    return [found.get(name, Result(name, "unknown", "check.slow")) for name in checks]


def _put(answers: "queue.Queue[Result]", name: str, check: Check) -> None:
    answers.put(_guarded(name, check))


def _guarded_check(name: str, prepare: Callable[[], Check]) -> Check:
    """What has to ask the database first does so here, and not on a thread."""
    try:
        return prepare()
    except DatabaseError:
        return lambda: Result(name, "unknown", "check.no-database")


def _guarded(name: str, check: Check) -> Result:
    try:
        return check()
    except DatabaseError:
        return Result(name, "unknown", "check.no-database")
    except Exception as error:  # a task's edge: one check that fails stops no other
        log.exception("health.check_failed", extra={"check": name})
        return Result(name, "unknown", "check.failed", {"cause": type(error).__name__})


def _aged(result: Result) -> Result:
    """What was found long ago says nothing of now."""
    if result.found_at is None:
        return result
    seconds = round((timezone.now() - result.found_at).total_seconds())
    if seconds <= _OLD_SECONDS:
        return result
    return Result(result.check, "unknown", "check.old", {"minutes": seconds // 60}, result.found_at)


def problems(results: Sequence[Result]) -> list[Result]:
    """Those that want attention, the worst first."""
    rank = {"bad": 0, "warn": 1, "unknown": 2}
    return sorted((r for r in results if r.state != "ok"), key=lambda r: rank[r.state])
