"""Connections to one destination: few, kept open, lent to one borrower each."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from smtp_gateway.relay.classify import Ending, Stage
from smtp_gateway.relay.places import Places
from smtp_gateway.relay.session import Ended, Session

Open = Callable[[], Coroutine[Any, Any, Session]]


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many connections there are and how long each is kept."""

    connections: int
    idle_seconds: float = 30
    age_seconds: float = 600
    mails_per_connection: int = 100
    hold_seconds: float = 5
    """How long at most nobody connects after a connection could not be opened."""


class Pool:
    """Lends sessions; `places` says how many at a time."""

    def __init__(self, open_session: Open, limits: PoolLimits) -> None:
        self._open, self._limits = open_session, limits
        self.places = Places(limits.connections)
        self._idle: list[tuple[Session, asyncio.TimerHandle]] = []
        self._lent = 0
        self._is_retired = False
        self._failure, self._held_until = Ended(Ending(Stage.CONNECT)), 0.0

    @property
    def is_in_use(self) -> bool:
        """Whether a session is lent or kept."""
        return self._lent > 0 or bool(self._idle)

    @property
    def mails_per_connection(self) -> int:
        return self._limits.mails_per_connection

    async def take(self, *, fresh: bool = False) -> Session:
        """An open session, used before unless `fresh`; `give_back` takes it. Raises Ended."""
        while self._idle and not fresh:
            session, timer = self._idle.pop()
            timer.cancel()
            if session.wire.is_usable:
                self._lent += 1
                return session
            session.close()
        session = await self._connect()
        self._lent += 1
        return session

    def give_back(self, session: Session) -> None:
        """Keeps the session for the next mail if it is still good for one."""
        self._lent -= 1
        if session.ahead is not None:
            session.is_over = True
        if not self.is_good(session):
            session.close()
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._limits.idle_seconds, self._close_idle, session)
        self._idle.append((session, timer))

    def is_good(self, session: Session) -> bool:
        """Whether another mail can be sent in it."""
        if (
            session.is_over
            or self._is_retired
            or session.mails >= self._limits.mails_per_connection
        ):
            return False
        if session.ahead is not None:
            return True
        is_old = time.monotonic() - session.opened_at > self._limits.age_seconds
        return not is_old and session.wire.is_usable

    async def _connect(self) -> Session:
        """A new session. Who asks soon after a failure that took long shares it.

        So a next hop that is down costs the mails in hand one wait together, not one each.
        """
        begun = time.monotonic()
        if begun < self._held_until:
            raise self._shared_failure()
        try:
            session = await self._open()
        except Ended as ended:
            ended_at = time.monotonic()
            # With a connection in use the next hop is there, and has only no room for another.
            if not self._lent:
                hold_seconds = min(ended_at - begun, self._limits.hold_seconds)
                self._failure, self._held_until = ended, ended_at + hold_seconds
            raise
        self._held_until = 0.0
        return session

    def _shared_failure(self) -> Ended:
        """The last one again, with the dialogue in which it came about."""
        shared = Ended(self._failure.ending)
        shared.opening = self._failure.opening
        return shared

    def release(self) -> None:
        """Connects again also soon after a failure."""
        self._held_until = 0.0

    def retire(self) -> None:
        """Keeps no session any more, neither idle ones nor those that come back."""
        self._is_retired = True
        self.close()

    def close(self) -> None:
        """Closes what is idle."""
        while self._idle:
            session, timer = self._idle.pop()
            timer.cancel()
            session.close()

    def _close_idle(self, session: Session) -> None:
        self._idle = [entry for entry in self._idle if entry[0] is not session]
        session.close()
