"""A worker's place as the supervising process sees it: who works there, since when, how it is."""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from socket import socket
from typing import cast

from smtp_gateway.running import totals
from smtp_gateway.running.channel import Channel
from smtp_gateway.running.reports import Report
from smtp_gateway.submission.metrics import Snapshot

ANSWERS_WITHIN_SECONDS = 5.0
"""Without a report for so long a worker does not count as ready."""
STUCK_SECONDS = 60.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 10.0
_HEALTHY_SECONDS = 10.0


@dataclass
class Slot:
    """Times are monotonic seconds."""

    number: int
    sockets: Sequence[Sequence[socket]]
    """For each listener those that are this worker's; they outlive it."""
    pid: int = 0
    """0: nobody works here."""
    channel: Channel | None = None
    begun_at: float = 0.0
    heard_at: float = 0.0
    report: Report | None = None
    is_killed: bool = False
    due_at: float = 0.0
    """When the next worker begins, where nobody works here."""
    workers: int = 0
    """How many have worked here so far."""
    ended: Snapshot = field(default_factory=totals.nothing)
    """What workers counted here that have ended."""
    ended_cpu_seconds: float = 0.0
    _pause_seconds: float = 0.0

    def begin(self, pid: int, channel: Channel) -> None:
        self.pid, self.channel, self.report = pid, channel, None
        self.begun_at = self.heard_at = time.monotonic()
        self.workers += 1
        self.is_killed = False

    def listen(self) -> None:
        """Takes in what the worker has reported."""
        if self.channel is None:
            return
        for message in self.channel.receive():
            self.report = cast(Report, message)
            self.heard_at = time.monotonic()

    @property
    def is_ready(self) -> bool:
        """It accepts, and said so a moment ago."""
        return self.state == "accepting"

    @property
    def state(self) -> str:
        """ "accepting", "draining", "starting", "silent" or "restarting"."""
        if not self.pid:
            return "restarting"
        if time.monotonic() - self.heard_at > ANSWERS_WITHIN_SECONDS:
            return "silent"
        return self.report["state"] if self.report else "starting"

    @property
    def replaced(self) -> int:
        """How many workers died here and have a successor."""
        return max(0, self.workers - 1)

    @property
    def is_stuck(self) -> bool:
        return bool(self.pid) and time.monotonic() - self.heard_at > STUCK_SECONDS

    def kill(self) -> None:
        self.is_killed = True
        os.kill(self.pid, signal.SIGKILL)

    def exit_code(self) -> int | None:
        """Of a worker that has ended, negative for a signal; None: it lives, or there is none."""
        if not self.pid:
            return None
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def end(self) -> None:
        """Keeps what the worker counted, and sets the time for the next one."""
        self.listen()
        if self.report:
            stays = totals.what_stays(self.report["numbers"])
            self.ended = totals.add_up([self.ended, stays])
            self.ended_cpu_seconds += self.report["cpu_seconds"]
        if self.channel:
            self.channel.close()
        self.pid, self.channel, self.report = 0, None, None
        self._plan_the_next()

    def put_off(self) -> None:
        """Nobody could be begun."""
        self._pause_seconds = min(
            max(self._pause_seconds * 2, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS
        )
        self.due_at = time.monotonic() + self._pause_seconds

    @property
    def pause_seconds(self) -> float:
        """Before the next worker begins."""
        return self._pause_seconds

    def _plan_the_next(self) -> None:
        now = time.monotonic()
        if now - self.begun_at >= _HEALTHY_SECONDS:
            self._pause_seconds, self.due_at = 0.0, now
        else:
            self.put_off()
