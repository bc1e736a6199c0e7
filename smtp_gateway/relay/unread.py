"""Mail in hand that waits for room in a lane's memory: until there is some, or back in time."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from smtp_gateway.relay.attempt import Courier
from smtp_gateway.relay.budget import Ask, ByteBudget, Overdue
from smtp_gateway.relay.destination import Wait
from smtp_gateway.relay.portions import Portion

_LONGEST_WAIT_SECONDS = 300.0
_NO_MEMORY = "The relay has no memory left for it: large mails leave slowly."


class Unread:
    """The portions of a lane that are not read yet; each destination has its part of the memory."""

    def __init__(self, content_bytes: int) -> None:
        self._bytes = ByteBudget(content_bytes)
        self._portions: dict[Ask, tuple[Courier, Portion]] = {}

    @asynccontextmanager
    async def room(self, courier: Courier, portion: Portion) -> AsyncIterator[bool]:
        """Waits for room and keeps it. False: it was shed meanwhile."""
        if not portion.unread_bytes:
            # It is in memory anyway: nothing would be gained by waiting.
            yield True
            return
        ask = self._bytes.ask(courier, portion.unread_bytes)
        self._portions[ask] = courier, portion
        try:
            try:
                await ask.settled
            finally:
                self._portions.pop(ask, None)
            yield ask.is_lent
        finally:
            self._bytes.give_back(ask)

    def shed(self, held_back_until: float) -> Iterator[tuple[Portion, Wait]]:
        """What need not wait here, with why: the caller's from now on. Also lets time pass.

        Until `held_back_until` nothing could leave, for reasons that are not the destinations'.
        """
        for ask, (courier, _) in list(self._portions.items()):
            if not ask.settled.done() and (wait := courier.destination.wait()):
                yield self._given_up(ask), wait
        for overdue in self._bytes.overdue(held_back_until):
            wait = self._why(overdue)
            yield self._given_up(overdue.ask), wait
        self._bytes.grant()

    def _why(self, overdue: Overdue) -> Wait:
        seconds = min(overdue.seconds, _LONGEST_WAIT_SECONDS)
        if overdue.is_others_doing:
            return Wait(seconds, "relay-full", _NO_MEMORY)
        courier, _ = self._portions[overdue.ask]
        return courier.destination.busy(seconds)

    def _given_up(self, ask: Ask) -> Portion:
        _, portion = self._portions.pop(ask)
        self._bytes.give_up(ask)
        return portion
