"""PostgreSQL and Redis: embedded ones to start, or named ones that must answer."""

from collections.abc import Sequence

import psycopg
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from directmail.embedded import EmbeddedPostgres, EmbeddedRedis
from directmail.up.errors import CannotStart

_OF_A_GATEWAY_WORKER = 8
# Web, Celery's worker and beat, the relay.
_OTHER_PROCESSES = 4
_FOR_COMMANDS = 20


def embedded() -> Sequence[EmbeddedPostgres | EmbeddedRedis]:
    """Those that no setting names. Raises EmbeddedError when one cannot run here."""
    engines: list[EmbeddedPostgres | EmbeddedRedis] = []
    if settings.EMBEDDED_REDIS:
        engines.append(EmbeddedRedis(settings.VAR_DIR))
    if settings.EMBEDDED_POSTGRES:
        connections = {"max_connections": str(_connections())}
        engines.append(EmbeddedPostgres(settings.VAR_DIR, connections))
    for engine in engines:
        engine.check()
    return engines


def _connections() -> int:
    """As many as all processes may open, and some for whoever looks in; PostgreSQL's 100 at least.

    A worker of the gateway opens no more than its bridge has threads, the intake's own beside them.
    """
    gateway = settings.GATEWAY_PROCESSES * _OF_A_GATEWAY_WORKER
    others = _OTHER_PROCESSES * settings.DATABASE_POOL_SIZE
    return max(100, gateway + others + _FOR_COMMANDS)


def refuse_unreachable() -> None:
    """Raises CannotStart when a server that a setting names does not answer."""
    if not settings.EMBEDDED_POSTGRES:
        _require_database()
    if not settings.EMBEDDED_REDIS:
        _require_redis()


def migrate() -> None:
    """Brings the tables up to date. Raises CannotStart."""
    try:
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    except DatabaseError as error:
        raise CannotStart(
            f"The tables could not be brought up to date ({_first_line(error)}): "
            "check the database that DATABASE_URL names."
        ) from error


def let_go() -> None:
    """Closes this process's own connections; a watching `up` needs none."""
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()


def _require_database() -> None:
    try:
        psycopg.connect(settings.DATABASE_URL, connect_timeout=5).close()
    except psycopg.Error as error:
        raise CannotStart(
            f"The database of DATABASE_URL does not answer ({_first_line(error)}): "
            "check DATABASE_URL, or leave it out to use the embedded PostgreSQL."
        ) from None


def _require_redis() -> None:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=3,
            socket_timeout=3,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise CannotStart(
            f"The Redis of REDIS_URL does not answer ({_first_line(error)}): "
            "check REDIS_URL, or leave it out to use the embedded Redis."
        ) from None


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".:") if lines else type(error).__name__
