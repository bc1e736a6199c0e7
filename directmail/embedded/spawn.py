"""Starts, awaits and stops one engine's process; knows no engine."""

import importlib.util
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from directmail.embedded.errors import EmbeddedError

_START_SECONDS = 20.0
_LONGEST_LOG_BYTES = 10 * 1024 * 1024


def wheel_file(package: str, path: str) -> Path | None:
    """A file that a wheel brings. The package is not imported: importing these has side effects."""
    spec = importlib.util.find_spec(package)
    for location in (spec.submodule_search_locations if spec else None) or ():
        if (file := Path(location) / path).is_file():
            return file
    return None


def spawn(
    command: Sequence[str],
    log_file: Path,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Runs a program in the background, its output in `log_file`."""
    begin_log(log_file)
    with log_file.open("ab") as log:
        # A session of its own: Ctrl-C at the terminal is for us, and we stop it in order.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=cwd,
            env=env,
        )


def begin_log(log_file: Path) -> int:
    """Makes room for a launch's output; returns the offset at which it will begin.

    Keeps one older log beside the current one, so that logs do not grow for ever.
    """
    log_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size = log_file.stat().st_size if log_file.exists() else 0
    if size <= _LONGEST_LOG_BYTES:
        return size
    log_file.replace(log_file.with_suffix(".log.1"))
    return 0


def last_words(log_file: Path, offset: int) -> str:
    """The last line that a launch wrote, whose output begins at `offset`; or none: ""."""
    with log_file.open("rb") as log:
        log.seek(offset)
        lines = log.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


class Startable(Protocol):
    """An engine as far as waiting for it goes."""

    process: subprocess.Popen[bytes] | None

    def is_ready(self) -> bool: ...

    def trouble(self) -> str: ...


def wait_for(engine: Startable) -> None:
    """Returns when it answers. Raises EmbeddedError when it ended or is late."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if engine.process is None or engine.process.poll() is not None:
            break
        if engine.is_ready():
            return
        time.sleep(0.02)
    raise EmbeddedError(engine.trouble())


def trouble_sentence(name: str, log_file: Path, offset: int, setting: str) -> str:
    """What the engine said last in this launch, and what to do."""
    return (
        f"{name} did not start ({last_words(log_file, offset) or 'no message'}): see {log_file}, "
        f"or set {setting} to a server of your own."
    )


def stop(process: subprocess.Popen[bytes] | None, how: signal.Signals, seconds: float) -> None:
    """Asks the engine to stop, and ends it when it takes longer than `seconds`."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
