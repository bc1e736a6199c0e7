"""Processes of PostgreSQL that stand still for a while, as on a machine that swaps or is paused."""

import contextlib
import os
import signal
from collections.abc import Collection, Iterator

from django.db import connection

from smtp_gateway.loop_database import LoopDatabase


@contextlib.contextmanager
def stopped(pids: Collection[int]) -> Iterator[None]:
    """They answer nothing, and go on afterwards, unless they end."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


async def backend_of(database: LoopDatabase) -> int:
    """The process that answers it."""
    ((pid,),) = await database.execute("SELECT pg_backend_pid()")
    return int(pid)


def has_ended(pid: int) -> bool:
    """Whether the server has no such process any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid])
        return cursor.fetchone() == (0,)
