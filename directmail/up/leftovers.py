"""Ends what an `up` that was killed left running, so that the next one just works."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from directmail import places

_STOP_SECONDS = 6.0
# A process that is younger than the file that names it only shares the number.
_CLOCK_SECONDS = 2.0
_PROGRAMS = {
    "web": "granian",
    "worker": "celery",
    "beat": "celery",
    "gateway": "run_gateway",
    "relay": "run_relay",
    "redis": "redis-server",
    "postgres": "postgres",
}


def stop_leftovers(var_dir: Path) -> list[str]:
    """Stops them, engines last; returns the names of those that were running."""
    found = {name: process for name in _PROGRAMS if (process := _leftover(var_dir, name))}
    engines = {"redis", "postgres"}
    for names in (found.keys() - engines, found.keys() & engines):
        _stop({name: found[name] for name in names})
    for name in _PROGRAMS:
        places.pid_file(var_dir, name).unlink(missing_ok=True)
    return list(found)


def _leftover(var_dir: Path, name: str) -> psutil.Process | None:
    """The process of that pid file, if it lives and is beyond doubt ours."""
    path = places.pid_file(var_dir, name)
    try:
        process = psutil.Process(int(path.read_text()))
        is_ours = process.create_time() <= path.stat().st_mtime + _CLOCK_SECONDS and any(
            _PROGRAMS[name] in word for word in process.cmdline()
        )
    except (OSError, ValueError, psutil.Error):
        return None
    return process if is_ours else None


def _stop(processes: dict[str, psutil.Process]) -> None:
    for name, process in processes.items():
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
    psutil.wait_procs(list(processes.values()), timeout=_STOP_SECONDS)
    for process in processes.values():
        # Each leads a group of its own; what it started goes with it.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
