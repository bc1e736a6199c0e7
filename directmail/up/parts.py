"""One running part, be it an engine or a process of ours: its pid file, its log, its end."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from directmail import places


class Part(Protocol):
    """What `up` needs of whatever it starts."""

    name: str
    process: subprocess.Popen[bytes] | None
    stop_signal: signal.Signals

    def launch(self) -> None: ...

    def is_ready(self) -> bool: ...

    def trouble(self) -> str: ...


def launch(part: Part, var_dir: Path) -> None:
    """Starts the part and notes its process id."""
    part.launch()
    if part.process is not None:
        path = places.pid_file(var_dir, part.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all, for whoever reads it meanwhile.
        path.with_suffix(".new").write_text(f"{part.process.pid}\n")
        path.with_suffix(".new").replace(path)


def is_running(part: Part) -> bool:
    return part.process is not None and part.process.poll() is None


def stop_together(parts: Sequence[Part], *, seconds: float, var_dir: Path) -> None:
    """Asks all of them at once, and kills what is still there after `seconds`."""
    for part in parts:
        if part.process is not None and is_running(part):
            part.process.send_signal(part.stop_signal)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(is_running(part) for part in parts):
        time.sleep(0.02)
    for part in parts:
        clear_away(part, var_dir)


def clear_away(part: Part, var_dir: Path) -> None:
    """Ends what is left of the part, its own children too, and removes its pid file."""
    if part.process is None:
        return
    # A process group outlives its leader: granian's worker would keep the port.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(part.process.pid, signal.SIGKILL)
    part.process.wait()
    part.process = None
    places.pid_file(var_dir, part.name).unlink(missing_ok=True)
