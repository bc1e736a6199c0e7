"""The one way from a coroutine to blocking work: pools of threads with a bound each."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

P = ParamSpec("P")
R = TypeVar("R")

# What the database raises when it cannot be reached or breaks off.
DATABASE_AWAY = (OperationalError, InterfaceError)


class Bridge:
    """Runs blocking functions beside the event loop.

    `database_threads` bounds the database connections of this process, `hashing_threads` the
    argon2 verifications at a time.
    """

    def __init__(self, *, database_threads: int = 4, hashing_threads: int = 2) -> None:
        self._database = ThreadPoolExecutor(database_threads, thread_name_prefix="database")
        self._hashing = ThreadPoolExecutor(hashing_threads, thread_name_prefix="hashing")

    async def database(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`work(...)` on a thread with a database connection that was alive when last used."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._database, lambda: _with_fresh_connection(lambda: work(*args, **kwargs))
        )

    async def hashing(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`work(...)` on a thread for hashing."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._hashing, lambda: work(*args, **kwargs))

    def close(self) -> None:
        """Waits for what is running and ends the threads."""
        self._database.shutdown(wait=True)
        self._hashing.shutdown(wait=True)


def _with_fresh_connection(work: Callable[[], R]) -> R:
    # Like Django around a request: a connection that a restart of PostgreSQL broke is dropped.
    close_old_connections()
    try:
        return work()
    finally:
        if not connection.in_atomic_block:
            connection.close()
