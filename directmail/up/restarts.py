"""When a part that died is started again: soon at first, later when it keeps dying."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from directmail.embedded import EmbeddedError
from directmail.up.parts import Part, clear_away, is_running, launch

_FIRST_SECONDS = 0.2
_LONGEST_SECONDS = 10.0
_HEALTHY_SECONDS = 30.0


class Restarts:
    """Watches one part."""

    def __init__(self, part: Part, var_dir: Path, announce: Callable[[str], None]) -> None:
        self._part, self._var_dir, self._announce = part, var_dir, announce
        self._launched_at = time.monotonic()
        self._wait_seconds = _FIRST_SECONDS
        self._due_at: float | None = None

    def look(self) -> None:
        """Notices a death, and launches the part when its time has come."""
        if self._due_at is not None:
            if time.monotonic() >= self._due_at:
                self._launch()
        elif not is_running(self._part):
            self._announce(f"{self._part.name} {self._how_it_ended()}; starting it again.")
            clear_away(self._part, self._var_dir)
            self._plan()

    def _plan(self) -> None:
        now = time.monotonic()
        if now - self._launched_at > _HEALTHY_SECONDS:
            self._wait_seconds = _FIRST_SECONDS
        self._due_at = now + self._wait_seconds
        self._wait_seconds = min(self._wait_seconds * 2, _LONGEST_SECONDS)

    def _launch(self) -> None:
        self._due_at, self._launched_at = None, time.monotonic()
        try:
            launch(self._part, self._var_dir)
        except (EmbeddedError, OSError) as error:
            self._announce(f"{self._part.name} could not be started: {error}")
            self._plan()

    def _how_it_ended(self) -> str:
        code = self._part.process.returncode if self._part.process else 0
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended ({code})"
