"""Killing parts of a running installation with SIGKILL, and waiting until there are new ones."""

import os
import signal
from collections.abc import Callable, Sequence

import psutil

from tests.journeys.relaying import PATIENCE, Tables, tables_of
from tests.journeys.stack import Stack
from tests.waiting import wait_for

_ANY_BACKEND = (
    "SELECT pid FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
)


def kill(stack: Stack, victim: str) -> Callable[[], bool]:
    """Kills a part by its name, a "gateway worker", or a "backend" of PostgreSQL.

    Returns when it is gone with all its processes; the result tells whether there is a new one.
    """
    if victim == "backend":
        return kill_backend(tables_of(stack))
    if victim == "gateway worker":
        (pid,) = gateway_workers(stack)
        end(pid)
        return lambda: bool({*gateway_workers(stack)} - {pid})
    pid = wait_for(lambda: living(stack, victim), seconds=PATIENCE, what=f"a {victim} to kill")
    below = psutil.Process(pid).children(recursive=True)
    end(pid, *(process.pid for process in below))
    return lambda: living(stack, victim) not in (None, pid)


def kill_backend(tables: Tables, pid: int | None = None) -> Callable[[], bool]:
    """Whereupon PostgreSQL ends all of them, and recovers as from a crash."""
    victim = pid or int(tables.rows(_ANY_BACKEND)[0][0])
    end(victim)
    return lambda: bool(tables.rows("SELECT 1"))


def end(pid: int, *below: int) -> None:
    """SIGKILL, and waits until it and what runs below it is gone: those are ended by others."""
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: all_gone([pid, *below]), seconds=PATIENCE, what=f"the end of {pid}")


def all_gone(pids: Sequence[int]) -> bool:
    return not any(is_running(pid) for pid in pids)


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def living(stack: Stack, name: str) -> int | None:
    """The process id of a part that runs."""
    try:
        pid = stack.pid(name)
    except (OSError, ValueError):
        return None
    return pid if is_running(pid) else None


def gateway_workers(stack: Stack) -> list[int]:
    """Process ids of those that serve sessions."""
    parent = living(stack, "gateway")
    try:
        children = psutil.Process(parent).children() if parent else []
    except psutil.NoSuchProcess:
        return []
    return [child.pid for child in children if is_running(child.pid)]
