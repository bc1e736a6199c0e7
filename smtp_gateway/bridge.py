"""The one way from a coroutine to blocking work: pools of threads with a bound each.

A database thread keeps its connection from call to call, so that no call pays for getting one.
"""

import asyncio
import os
import select
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import ParamSpec, TypeVar

from django.db import Error, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

P = ParamSpec("P")
R = TypeVar("R")

# What the database raises when it cannot be reached or breaks off.
DATABASE_AWAY = (OperationalError, InterfaceError)
# The server gives up first where it can, because then it is certain that nothing is kept.
_GRACE = timedelta(seconds=3)
NO_SETTINGS: Mapping[str, str] = {}
# For statements that look up a few rows by index, and are planned once for a table of any size.
LOOK_UPS: Mapping[str, str] = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}
_HASHING_NICENESS = 10


class Bridge:
    """Runs blocking functions beside the event loop.

    `database_threads` bounds the database connections of this process, `hashing_threads` the
    argon2 verifications at a time. `statement_timeout`: how long the database may take for one
    statement, waiting for locks included; None: for ever. `planner`: settings of the server for
    these connections.
    """

    def __init__(
        self,
        *,
        database_threads: int = 4,
        hashing_threads: int = 2,
        statement_timeout: timedelta | None = None,
        planner: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        self._statement_timeout = statement_timeout
        self._settings = dict(planner)
        if statement_timeout is not None:
            milliseconds = int(statement_timeout.total_seconds() * 1000)
            self._settings["statement_timeout"] = str(milliseconds)
        self._connections: list[BaseDatabaseWrapper] = []
        self._database = ThreadPoolExecutor(
            database_threads, thread_name_prefix="database", initializer=self._begin_thread
        )
        self.hashing_threads = hashing_threads
        self._hashing = ThreadPoolExecutor(
            hashing_threads, thread_name_prefix="hashing", initializer=_step_back
        )

    async def database(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`work(...)` on a thread whose database connection is alive as far as is known.

        Raises what `work` raises, and OperationalError where the database hangs.
        """
        limit = self._statement_timeout
        running = asyncio.get_running_loop().run_in_executor(
            self._database, self._with_connection, lambda: work(*args, **kwargs)
        )
        try:
            async with asyncio.timeout((limit + _GRACE).total_seconds() if limit else None):
                return await running
        except TimeoutError as error:
            raise OperationalError("the database does not answer") from error

    async def hashing(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`work(...)` on a thread for hashing."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._hashing, lambda: work(*args, **kwargs))

    def close(self) -> None:
        """Waits for what is running and ends the threads and their connections."""
        self._database.shutdown(wait=True)
        self._hashing.shutdown(wait=True)
        # Beside the event loop too: Django closes nothing on a thread that has one.
        with ThreadPoolExecutor(1) as closing:
            list(closing.map(_discard, self._connections))

    def _begin_thread(self) -> None:
        own = connections["default"]
        # `close` ends the connection from another thread, after this one has ended.
        own.inc_thread_sharing()
        self._connections.append(own)

    def _with_connection(self, work: Callable[[], R]) -> R:
        own = connections["default"]
        if own.connection is not None and _has_news(own):
            _discard(own)
        try:
            if own.connection is None and self._settings:
                _set(own, self._settings)
            return work()
        except Error:
            _discard(own)
            raise


def _step_back() -> None:
    """Lets this thread run where no other wants to: a log-in can wait, other sessions should not.

    Linux gives each thread a niceness of its own; elsewhere it would be the whole process's.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _HASHING_NICENESS)


def _has_news(own: BaseDatabaseWrapper) -> bool:
    """Whether the server said something unasked: to an idle connection, that it ended it."""
    if own.connection.closed:
        return True
    poll = select.poll()
    poll.register(own.connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _set(own: BaseDatabaseWrapper, settings: Mapping[str, str]) -> None:
    with own.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(name, value, false)"
            " FROM unnest(%s::text[], %s::text[]) AS t(name, value)",
            [list(settings), list(settings.values())],
        )


def _discard(own: BaseDatabaseWrapper) -> None:
    # Closed first, so that the pool keeps neither a doubtful connection nor one with our settings.
    if own.connection is not None:
        own.connection.close()
    own.close()
