"""Gives slots to mail that waits for the pace of its sender, as often as that is worth it."""

import logging
import time
from collections.abc import Callable, Sequence

from smtp_gateway import queue
from smtp_gateway.bridge import Bridge
from smtp_gateway.paces import ANY_PACE, PACED, Paces
from smtp_gateway.queue import LeasedDelivery
from smtp_gateway.relay.database import AWAY

# Between two looks: what came in meanwhile gets its slots together. While nothing waits, a hint or
# the usual poll leads here.
_AT_ONCE_SECONDS, _SOON_SECONDS = 0.04, 0.25
# As many as lanes lease in two steps; more are let through once these are leased.
UNPACED_AT_ONCE = 400

log = logging.getLogger(__name__)


class Pacer:
    """One relay's part in it. `paces`: as they are at this moment."""

    def __init__(
        self,
        bridge: Bridge,
        paces: Callable[[], Paces],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bridge, self._paces, self._clock = bridge, paces, clock
        self._next_at = 0.0
        self._behind: int | None = None
        self._is_any_waiting = False

    async def step(self, *, has_backlog: bool) -> None:
        """Gives slots if it is time to. `has_backlog`: what was let through is not leased yet."""
        now = self._clock()
        if now < self._next_at:
            return
        unpaced = 0 if has_backlog else UNPACED_AT_ONCE
        try:
            given = await self._bridge.database(
                queue.give_slots, self._paces(), unpaced=unpaced, behind=self._behind
            )
        except AWAY as error:
            log.warning("relay.database_away", extra={"error": str(error).strip()})
            self._next_at = now + _SOON_SECONDS
            return
        self._behind, self._is_any_waiting = given.behind, given.is_any_waiting
        # What needs no pace comes as fast as it is taken.
        is_more = given.behind is not None or given.number >= UNPACED_AT_ONCE
        self._next_at = self._clock() + (0.0 if is_more else _AT_ONCE_SECONDS)

    def seconds_to_rest(self) -> float | None:
        """How long the lane may sleep because of this; None: as long as it likes."""
        return _SOON_SECONDS if self._is_any_waiting else None

    def without_slot(self, leased: Sequence[LeasedDelivery]) -> list[LeasedDelivery]:
        """Those that must wait for a slot first: of senders that got their pace only now, or whose
        lane has none by itself.
        """
        if not leased or leased[0].mail_type == "batch":
            return []
        paces = self._paces()
        if not paces.own and paces.of_type(leased[0].mail_type) == ANY_PACE:
            return []
        return [
            each
            for each in leased
            if each.reason_code != PACED and paces.holds_back(each.sender_address, each.mail_type)
        ]
