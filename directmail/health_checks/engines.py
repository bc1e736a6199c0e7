"""PostgreSQL, Redis and Python: versions and clocks, and whether the tables fit this code."""

import functools
import sys
import time

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from redis import Redis
from redis.exceptions import RedisError

from directmail.health_checks.values import Facts, Result, State

LEAST_POSTGRESQL, LEAST_REDIS, LEAST_PYTHON = (14,), (6, 2), (3, 11)
_WARN_SECONDS, _BAD_SECONDS = 2.0, 30.0
_REDIS_SECONDS = 1.0
_NAMED = 5

Version = tuple[int, ...]


def postgresql() -> Result:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        facts: Facts = {"cause": str(error).partition("\n")[0]}
        return Result("postgresql", "bad", "postgresql.away", facts)
    number = connection.pg_version  # type: ignore[attr-defined] # 160004: 16.4
    return _version("postgresql", (number // 10_000, number % 10_000), LEAST_POSTGRESQL)


def python() -> Result:
    return _version("python", sys.version_info[:3], LEAST_PYTHON)


def redis() -> Result:
    try:
        with redis_client() as client:
            text = str(client.info("server")["redis_version"])
    except RedisError as error:
        return Result("redis", "bad", "redis.away", {"cause": str(error)})
    return _version("redis", tuple(int(part) for part in text.split(".")[:3]), LEAST_REDIS)


def redis_client() -> Redis:
    """Gives up after a second."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=_REDIS_SECONDS,
        socket_timeout=_REDIS_SECONDS,
    )


def clock() -> Result:
    """This process's beside the database's."""
    began = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        ((theirs,),) = cursor.fetchall()
    # It was read some time between the two.
    return _clock("clock", "clock", theirs - (began + time.time()) / 2)


def redis_clock() -> Result:
    try:
        with redis_client() as client:
            began = time.time()
            seconds, microseconds = client.time()
    except RedisError as error:
        return Result("redis-clock", "unknown", "redis.away", {"cause": str(error)})
    ahead = seconds + microseconds / 1_000_000 - (began + time.time()) / 2
    return _clock("redis-clock", "redis-clock", ahead)


def migrations() -> Result:
    """Those of this code that the database does not have."""
    applied = MigrationRecorder(connection).applied_migrations()
    missing = sorted(".".join(key) for key in _known_migrations() if key not in applied)
    if not missing:
        return Result("migrations", "ok", "migrations.ok")
    facts: Facts = {"number": len(missing), "names": ", ".join(missing[:_NAMED])}
    return Result("migrations", "bad", "migrations.missing", facts)


@functools.cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Read from the files once: they are those that this process began with."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _version(check: str, version: Version, least: Version) -> Result:
    facts = {"version": _dotted(version), "least": _dotted(least)}
    is_old = version < least
    return Result(check, "bad" if is_old else "ok", f"{check}.{'old' if is_old else 'ok'}", facts)


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))


def _clock(check: str, code: str, ahead: float) -> Result:
    off = abs(ahead)
    state: State = "bad" if off > _BAD_SECONDS else "warn" if off > _WARN_SECONDS else "ok"
    facts = {"seconds": round(off, 1)}
    return Result(check, state, f"{code}.{'ok' if state == 'ok' else 'off'}", facts)
