"""One mail to two recipients on its way, while parts of the installation are killed."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from tests.journeys.relaying import PATIENCE, Tables, tables_of
from tests.journeys.sink import Sink
from tests.journeys.stack import Stack
from tests.journeys.submitting import Submission, submission
from tests.journeys.victims import is_running, kill, kill_backend, living
from tests.waiting import wait_for


@dataclass
class Scene:
    """An installation with a single connection to its next hop, and the mail that it is about."""

    stack: Stack
    sink: Sink
    mark: str = field(default_factory=lambda: f"m{uuid4().hex[:12]}")
    recovered: list[Callable[[], bool]] = field(default_factory=list)
    halted: list[int] = field(default_factory=list)

    @property
    def tables(self) -> Tables:
        return tables_of(self.stack)

    @property
    def recipients(self) -> tuple[str, str]:
        return f"{self.mark}-a@example.net", f"{self.mark}-b@example.net"

    @contextmanager
    def submission(self, *, is_first: bool = True) -> Iterator[Submission]:
        """Up to the final dot. A worker's first insert would wait for its lock when it is prepared,
        and not yet begun: a mail that is not the first has another one before it.
        """
        with submission(self.stack.smtp_port, self.mark, self.recipients) as client:
            if not is_first:
                client.another("first", ["first@example.net"]).send()
            client.up_to_the_final_dot()
            yield client

    def submit(self) -> None:
        with self.submission() as client:
            client.final_dot()
            assert client.answer() == 250

    def kill(self, victims: Sequence[str], *, backend: int | None = None) -> None:
        """Returns when they are gone. `backend`: which of PostgreSQL's processes, if it is one."""
        for victim in victims:
            if victim == "backend":
                self.recovered.append(kill_backend(self.tables, backend))
            else:
                self.recovered.append(kill(self.stack, victim))

    def halt(self, victim: str) -> None:
        """It does nothing more until it is killed, or the scene is over."""
        pid = wait_for(
            lambda: living(self.stack, victim), seconds=PATIENCE, what=f"a {victim} to halt"
        )
        os.kill(pid, signal.SIGSTOP)
        self.halted.append(pid)

    def recover(self) -> None:
        """Waits until there are new ones of all that were killed."""
        for pid in self.halted:
            if is_running(pid):
                os.kill(pid, signal.SIGCONT)
        for is_back in self.recovered:
            wait_for(is_back, seconds=PATIENCE, what="a part that is started again")

    def settle(self) -> None:
        """Waits until every recipient of the mail has its mail, as far as the queue knows."""
        self.recover()
        wait_for(self._is_relayed, seconds=PATIENCE, what=f"{self.mark} is relayed")

    def arrivals(self) -> list[int]:
        return [self.sink.arrivals(recipient) for recipient in self.recipients]

    def outcomes(self) -> list[list[str]]:
        return [self.tables.outcomes(recipient) for recipient in self.recipients]

    def _is_relayed(self) -> bool:
        states = self.tables.states(self.mark)
        return states == dict.fromkeys(self.recipients, "relayed")
