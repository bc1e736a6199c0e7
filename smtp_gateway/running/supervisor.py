"""The supervising process: forks the workers, watches them, replaces those that die.

One thread, one loop over what is readable; nothing in it waits for anybody.
"""

import logging
import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from smtp_gateway.running.channel import Channel, make_channel
from smtp_gateway.running.forking import fork, share_memory
from smtp_gateway.running.http import Handler, HttpServer
from smtp_gateway.running.reports import RENEW_CERTIFICATE
from smtp_gateway.running.service_manager import tell_service_manager
from smtp_gateway.running.signals import Signals, readable_signals
from smtp_gateway.running.slot import Slot

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
_LOOK_SECONDS = 1.0
# For last words, commits under way and final counts, after sessions had their time.
_LEAVE_SECONDS = 0.8

log = logging.getLogger(__name__)


Work = Callable[[int, Channel, Sequence[Sequence[socket.socket]]], None]
"""With the worker's number from 0 on, its channel, and for each listener its sockets."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, and how."""

    sockets: Sequence[Sequence[Sequence[socket.socket]]]
    """For each worker, for each listener: those that are its own."""
    work: Work
    """What a worker does in its process, until its channel is at its end."""
    forget_worker: Callable[[int], None]
    """Clears away what the worker of that number, which has ended, shared with others."""
    drain: timedelta
    """How long sessions may take to finish when all is to stop."""
    renew_certificate: Callable[[], bool]
    """Takes in the certificate's files for workers to come; False: they are no good."""
    health_sockets: Sequence[socket.socket] = ()


class Supervisor:
    """`slots` and `is_stopping` are for whoever shows how it goes."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.slots = [Slot(number, sockets) for number, sockets in enumerate(plan.sockets)]
        self.is_stopping = False
        self._leave_at = 0.0
        self._was_ready = False
        self._selector = selectors.DefaultSelector()
        self._http: HttpServer | None = None
        self._signals: Signals

    def run(self, handler: Handler) -> None:
        """Returns when it was told to stop and every worker has ended. `handler` answers HTTP."""
        with readable_signals(_SIGNALS) as self._signals, self._selector:
            self._selector.register(self._signals, selectors.EVENT_READ, self._heed_signals)
            self._http = HttpServer(self._selector, list(self._plan.health_sockets), handler)
            share_memory()
            while not self.is_stopping or any(slot.pid for slot in self.slots):
                for key, _ in self._selector.select(self._patience()):
                    key.data()
                self._look_at_workers()
                self._http.drop_late_clients()
        log.info("gateway.stopped")

    @property
    def is_ready(self) -> bool:
        return not self.is_stopping and all(slot.is_ready for slot in self.slots)

    def _patience(self) -> float:
        """Seconds until there is something to do even if nothing happens."""
        now = time.monotonic()
        due = [slot.due_at for slot in self.slots if not slot.pid and not self.is_stopping]
        if self.is_stopping:
            due.append(self._leave_at)
        return min([_LOOK_SECONDS, *(max(0.0, at - now) for at in due)])

    def _heed_signals(self) -> None:
        for number in self._signals.read():
            if number in (signal.SIGTERM, signal.SIGINT):
                self._stop()
            elif number == signal.SIGHUP and not self.is_stopping:
                self._renew_certificate()

    # --- Workers ----------------------------------------------------------------------------------

    def _look_at_workers(self) -> None:
        now = time.monotonic()
        for slot in self.slots:
            if (code := slot.exit_code()) is not None:
                self._end(slot, code)
            if slot.is_stuck or (self.is_stopping and now >= self._leave_at):
                self._kill(slot)
            if not slot.pid and not self.is_stopping and now >= slot.due_at:
                self._begin(slot)
        if self.is_ready and not self._was_ready:
            self._was_ready = True
            log.info("gateway.ready", extra={"processes": len(self.slots)})
            tell_service_manager("READY=1")

    def _kill(self, slot: Slot) -> None:
        if slot.pid and not slot.is_killed:
            log.error("worker.killed", extra={"worker": slot.number, "pid": slot.pid})
            slot.kill()

    def _begin(self, slot: Slot) -> None:
        ours, its = make_channel()

        def work() -> None:
            self._forget_in_child(slot, ours)
            self._plan.work(slot.number, its, slot.sockets)

        try:
            pid = fork(work)
        except OSError as error:
            log.error("worker.not_begun", extra={"error": str(error)})  # noqa: TRY400
            ours.close()
            slot.put_off()
            return
        finally:
            its.close()
        slot.begin(pid, ours)
        self._selector.register(ours, selectors.EVENT_READ, lambda: self._hear(slot))
        log.info("worker.begun", extra={"worker": slot.number, "pid": pid})

    def _hear(self, slot: Slot) -> None:
        slot.listen()
        if slot.channel and slot.channel.is_at_end:
            self._turn_away_from(slot.channel)

    def _turn_away_from(self, channel: Channel) -> None:
        if channel in self._selector.get_map():
            self._selector.unregister(channel)

    def _end(self, slot: Slot, code: int) -> None:
        pid = slot.pid
        if slot.channel:
            self._turn_away_from(slot.channel)
        slot.end()
        self._plan.forget_worker(slot.number)
        if not self.is_stopping:
            facts = {"worker": slot.number, "pid": pid, "how": _how(code)}
            log.warning("worker.ended", extra=facts | {"next_in_seconds": slot.pause_seconds})

    def _forget_in_child(self, slot: Slot, ours: Channel) -> None:
        """Closes what is the parent's alone: a worker that held it would keep it open for ever."""
        ours.close()
        self._signals.close()
        self._selector.close()
        if self._http:
            self._http.close_in_child()
        for other in self.slots:
            if other is slot:
                continue
            if other.channel:
                other.channel.close()
            for each in (each for sockets in other.sockets for each in sockets):
                each.close()

    # --- What it is told --------------------------------------------------------------------------

    def _stop(self) -> None:
        if self.is_stopping:
            return
        log.info("gateway.stopping")
        tell_service_manager("STOPPING=1")
        self.is_stopping = True
        self._leave_at = time.monotonic() + self._plan.drain.total_seconds() + _LEAVE_SECONDS
        for slot in self.slots:
            # First here: what a worker alone stopped accepting would wait in its socket.
            for each in (each for sockets in slot.sockets for each in sockets):
                each.close()
            if slot.channel:
                slot.channel.say_no_more()

    def _renew_certificate(self) -> None:
        if self._plan.renew_certificate():
            for slot in self.slots:
                if slot.channel:
                    slot.channel.send({"do": RENEW_CERTIFICATE})


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
