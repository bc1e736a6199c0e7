"""The end of a process that a test started, and of those that it started itself."""

import subprocess

import psutil

_PATIENCE_SECONDS = 20


def end(process: subprocess.Popen[bytes]) -> None:
    """In order where it can: what it still writes must not get into the next test's tables."""
    children = _children(process)
    process.terminate()
    try:
        process.wait(timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _gone, alive = psutil.wait_procs(children, timeout=_PATIENCE_SECONDS)
    for each in alive:
        each.kill()


def _children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
