"""A database connection that lives on the event loop, for the statements that every mail waits for.

Through a thread, each batch would be handed over twice, and the threads would wait for each other's
turn at the interpreter; asyncpg also writes arrays in half the time. Everything else in the process
takes the bridge.
"""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import asyncpg
from django.db import DatabaseError, DataError, Error, IntegrityError, OperationalError, connections

# What asyncpg reads from the URL as libpq does; the rest of Django's options it cannot know.
_URL_OPTIONS = (
    *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslpassword", "passfile"),
    "target_session_attrs",
)
_SERVER_OPTIONS = ("options", "application_name")
# The server gives up first where it can, because then it is certain that nothing is kept.
_GRACE_SECONDS = 3.0
_CONNECT_SECONDS = 5
# A process that did not answer may still have the statement before it, and do it when it goes on:
# then it is to end instead. Its number may be another's by now, but not at the same moment.
_GREET = """
SELECT pid, backend_start, (
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    JOIN unnest($1::int[], $2::timestamptz[]) AS cut_off(pid, backend_start)
    USING (pid, backend_start))
FROM pg_stat_activity WHERE pid = pg_backend_pid()
"""
# By the first two letters of SQLSTATE (PostgreSQL's documentation, appendix A).
_ERRORS: Mapping[str, type[DatabaseError]] = {
    "22": DataError,
    "23": IntegrityError,
    **dict.fromkeys(("08", "40", "53", "55", "57", "58"), OperationalError),
}


_Backend = tuple[int, datetime]
"""A process of the server: its number, and when it began."""


class LoopDatabase:
    """One connection, made when it is needed; one statement at a time. Raises Django's errors."""

    def __init__(self, *, statement_timeout: timedelta | None = None) -> None:
        self._limit = statement_timeout
        self._connection: asyncpg.Connection | None = None
        self.has_lost_its_connection = False
        """Whether the last statement had one that broke: what became of it is unknown."""
        self.has_got_no_answer = False
        """Whether the last statement was given up: it may even be done later."""
        self._backend: _Backend | None = None
        self._cut_off: list[_Backend] = []

    @property
    def may_be_done_all_the_same(self) -> bool:
        """Whether nobody knows what became, or becomes, of the last statement, which failed."""
        return self.has_lost_its_connection or self.has_got_no_answer

    async def look_up(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement that only reads, asked again where the connection had ended."""
        try:
            return await self.execute(statement, *values)
        except OperationalError:
            if not self.has_lost_its_connection:
                raise
        return await self.execute(statement, *values)

    async def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Prepared at its first time. Raises OperationalError where the database is away."""
        self.has_lost_its_connection = self.has_got_no_answer = False
        connection = await self._connected()
        seconds = None if self._limit is None else self._limit.total_seconds() + _GRACE_SECONDS
        try:
            return [*map(tuple, await connection.fetch(statement, *values, timeout=seconds))]
        except TimeoutError as error:
            # The server did not even give up: whatever it still says is of no use.
            self.has_got_no_answer = True
            self._cut_off += [self._backend] if self._backend else []
            self.drop()
            raise OperationalError("the database does not answer") from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            if connection.is_closed() or _ends_the_connection(error):
                self.has_lost_its_connection = True
                self.drop()
            raise _as_django_says(error) from error

    def drop(self) -> None:
        """Ends the connection at once; the next statement makes another."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def close(self) -> None:
        """Ends the connection in order."""
        if self._connection is not None:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await self._connection.close(timeout=1)
            self._connection = None

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = None
            try:
                connection = await asyncpg.connect(**_parameters(self._limit))
                self._backend = await _greeted(connection, self._cut_off)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
                raise OperationalError(str(error)) from error
            self._connection = connection
            self._cut_off.clear()
        return self._connection


async def _greeted(connection: asyncpg.Connection, cut_off: Sequence[_Backend]) -> _Backend:
    """Who answers on it; those that are `cut_off` are told to end."""
    numbers, moments = [pid for pid, _ in cut_off], [moment for _, moment in cut_off]
    try:
        row = await connection.fetchrow(_GREET, numbers, moments, timeout=_CONNECT_SECONDS)
    except BaseException:
        connection.terminate()
        raise
    return row["pid"], row["backend_start"]


def _ends_the_connection(error: Exception) -> bool:
    """Whether the server said with its last words that it ends it."""
    return isinstance(error, asyncpg.PostgresConnectionError | asyncpg.AdminShutdownError)


def _as_django_says(error: Exception) -> Error:
    # A value that cannot be sent: asyncpg's own DataError, before the server has heard anything.
    if isinstance(error, asyncpg.DataError | ValueError):
        return DataError(str(error))
    if not isinstance(error, asyncpg.PostgresError):
        return OperationalError(str(error) or "the database does not answer")
    sqlstate = error.sqlstate or ""
    return _ERRORS.get(sqlstate[:2], DatabaseError)(str(error))


def _parameters(limit: timedelta | None) -> dict[str, Any]:
    """Where Django's connection leads, as asyncpg wants it."""
    settings = connections["default"].settings_dict
    options = settings["OPTIONS"]
    server = {name: options[name] for name in _SERVER_OPTIONS if name in options}
    if limit is not None:
        server["statement_timeout"] = str(int(limit.total_seconds() * 1000))
    named = {name: options[name] for name in _URL_OPTIONS if name in options}
    return {
        "dsn": f"postgresql:///?{urlencode(named)}",
        "host": _one_or_several(settings["HOST"]),
        "port": _one_or_several(settings["PORT"]),
        "user": settings["USER"] or None,
        "password": settings["PASSWORD"] or None,
        "database": settings["NAME"],
        "timeout": options.get("connect_timeout", _CONNECT_SECONDS),
        "server_settings": server,
    }


def _one_or_several(text: object) -> Any:
    parts = str(text or "").split(",")
    return parts if len(parts) > 1 else parts[0] or None
