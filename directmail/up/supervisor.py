"""Starts everything, waits until each part answers, watches, and stops it all in order."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from django.conf import settings

from directmail import operators
from directmail.embedded import EmbeddedError
from directmail.up import children, servers
from directmail.up.errors import CannotStart, StopRequested
from directmail.up.leftovers import stop_leftovers
from directmail.up.lock import only_one
from directmail.up.parts import Part, is_running, launch, stop_together
from directmail.up.ports import refuse_ports_in_use
from directmail.up.restarts import Restarts
from directmail.up.summary import summary

_READY_SECONDS = 60.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# Beyond what sessions may take: the gateway's last words.
_GATEWAY_LEAVES_SECONDS = 1.0
# Beyond what answers to complete mails may take: the relay's last lease and its last record.
_RELAY_LEAVES_SECONDS = 2.5


def _mail_path_seconds() -> float:
    return max(5.0, settings.GATEWAY_DRAIN.total_seconds() + _GATEWAY_LEAVES_SECONDS)


def relay_stop_seconds() -> float:
    """How long the relay may wait for next hops in the time that it is granted here."""
    return min(settings.RELAY_STOP.total_seconds(), _mail_path_seconds() - _RELAY_LEAVES_SECONDS)


def _stop_order() -> Sequence[tuple[Sequence[str], float]]:
    """What takes in work stops before what it hands it to; as set, within less than 10 s."""
    return (
        (("web", "beat", "worker"), 2.5),
        (("gateway", "relay"), _mail_path_seconds()),
        (("redis", "postgres"), 2.0),
    )


class Supervisor:
    """One run of `up`. `announce` prints a line for the person at the terminal."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self._stop_requested = False
        self._parts: list[Part] = []

    def run(self) -> None:
        """Returns after an orderly stop. Raises CannotStart, with nothing left running."""
        with self._signals_noted(), only_one(settings.VAR_DIR):
            try:
                self._start()
                self._watch()
            except StopRequested:
                self._announce("Stopping.")
            except (CannotStart, EmbeddedError) as error:
                # Whoever asks for a stop may end our parts as well (a terminal, a service manager).
                if not self._stop_requested:
                    raise CannotStart(str(error)) from None
                self._announce("Stopping.")
            finally:
                self._stop()

    def _start(self) -> None:
        engines = servers.embedded()
        for name in stop_leftovers(settings.VAR_DIR):
            self._announce(f"Stopped the {name} process that an earlier run left behind.")
        refuse_ports_in_use()
        servers.refuse_unreachable()
        self._announce("Starting DirectMail.")
        self._bring_up(engines)
        servers.migrate()
        self._bring_up(
            [children.gateway(), children.relay(stop_seconds=relay_stop_seconds()),
             children.web(), children.worker(), children.beat()]
        )  # fmt: skip
        operator, password = operators.first_operator()
        servers.let_go()
        self._announce(summary(operator=operator, password=password))

    def _bring_up(self, parts: Sequence[Part]) -> None:
        """Starts them side by side and waits until all answer."""
        for part in parts:
            self._pause(0)
            self._parts.append(part)
            launch(part, settings.VAR_DIR)
        deadline = time.monotonic() + _READY_SECONDS
        waiting = list(parts)
        while waiting:
            for part in waiting:
                if not is_running(part) or time.monotonic() > deadline:
                    raise CannotStart(part.trouble())
            # One question at a time: the later ones are still importing meanwhile.
            if waiting[0].is_ready():
                waiting.pop(0)
            else:
                self._pause(0.03)

    def _watch(self) -> None:
        watched = [Restarts(part, settings.VAR_DIR, self._announce) for part in self._parts]
        while True:
            for restarts in watched:
                restarts.look()
            self._pause(0.1)

    def _pause(self, seconds: float) -> None:
        time.sleep(seconds)
        if self._stop_requested:
            raise StopRequested

    def _stop(self) -> None:
        for names, seconds in _stop_order():
            parts = [part for name in names for part in self._parts if part.name == name]
            stop_together(parts, seconds=seconds, var_dir=settings.VAR_DIR)

    @contextmanager
    def _signals_noted(self) -> Iterator[None]:
        def note(_number: int, _frame: FrameType | None) -> None:
            self._stop_requested = True

        before = {number: signal.signal(number, note) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
