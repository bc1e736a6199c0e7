"""One lane: leases its due deliveries and hands them on, as long as there is room for them.

A lane has budgets of its own (deliveries in hand, bytes in memory, connections), so that a million
batch mails leave the trigger lane free.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence

from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.identity import MailType
from smtp_gateway.queue import LeasedDelivery
from smtp_gateway.relay.database import AWAY, insist
from smtp_gateway.relay.dispatch import Dispatch, LaneLimits, Means
from smtp_gateway.relay.pacer import Pacer
from smtp_gateway.relay.suppressed import stopped

NOTHING: queue.Taken = ([], {})

log = logging.getLogger(__name__)


class Lane:
    """Works off one lane until it is cancelled."""

    def __init__(
        self, name: MailType, *, means: Means, limits: LaneLimits, pacer: Pacer | None = None
    ) -> None:
        self._pacer, self._has_backlog = pacer, False
        self.name, self._means, self._limits = name, means, limits
        self.in_hand: dict[int, LeasedDelivery] = {}
        """Leased, and the outcome is not recorded yet."""
        self.crashed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Raises what a part of this lane failed with, which no attempt's fault does."""
        self._dispatch = Dispatch(
            name, means=means, limits=limits, forget=self.forget, crashed=self.crashed
        )
        self._outlook = queue.Outlook()
        self._stir = asyncio.Event()
        self._is_unsure = self._is_closed = self._is_full = False
        self._kept_at = time.monotonic()

    def stir(self) -> None:
        """There may be work, or room for it."""
        self._stir.set()

    def forget(self, delivery_ids: Sequence[int]) -> None:
        """These are out of our hand."""
        for delivery_id in delivery_ids:
            self.in_hand.pop(delivery_id, None)
        if self._is_full:
            self._stir.set()

    async def run(self) -> None:
        """Leases whenever there is room and work, until it is closed."""
        while not self._is_closed:
            self._stir.clear()
            await self._means.registration.may_begin()
            paced = asyncio.get_running_loop().time() + self._limits.pace_seconds
            self._dispatch.shed(await self._means.routing())
            leased, contents = await self._take() if await self._may_take() else NOTHING
            leased = await self._with_slots(leased)
            if leased:
                self.in_hand.update((delivery.delivery_id, delivery) for delivery in leased)
                wanted = await self._without_suppressed(leased)
                routing, has_backlog = await self._means.routing(), self._has_backlog
                self._dispatch.distribute(wanted, contents, routing, has_backlog=has_backlog)
            if len(leased) < self._limits.lease and not self._is_closed:
                await self._rest(paced, is_idle=not leased)

    async def _without_suppressed(
        self, leased: Sequence[LeasedDelivery]
    ) -> Sequence[LeasedDelivery]:
        if self._means.suppressed is None:
            return leased
        outcomes = await stopped(leased, self._means.suppressed, timezone.now)
        if not outcomes:
            return leased
        self._means.recorder.put(outcomes)
        gone = {outcome.delivery.delivery_id for outcome in outcomes}
        return [delivery for delivery in leased if delivery.delivery_id not in gone]

    async def _with_slots(self, leased: list[LeasedDelivery]) -> list[LeasedDelivery]:
        """Those that may leave now; others go where mail waits for the pace of its sender."""
        if self._pacer is None or not (early := self._pacer.without_slot(leased)):
            return leased
        ids = {delivery.delivery_id for delivery in early}
        await insist(
            lambda: self._means.bridge.database(
                queue.park,
                relay_id=self._means.registration.relay_id,
                lane=self.name,
                delivery_ids=ids,
            )
        )
        return [delivery for delivery in leased if delivery.delivery_id not in ids]

    def close(self) -> None:
        """No lease and no attempt is begun after this."""
        self._is_closed = True
        self._dispatch.close()
        self._stir.set()

    async def finish(self, seconds: float) -> None:
        """Waits for answers to complete mails, for at most that long; cancels all else."""
        await self._dispatch.finish(seconds)

    def drop(self) -> None:
        """Stops everything at once: what was in hand is another relay's now."""
        self._dispatch.drop()

    async def _may_take(self) -> bool:
        return not self._dispatch.seconds_to_abstain() and await self._is_certain()

    async def _is_certain(self) -> bool:
        """Whether the database agrees on what we hold; it is told so after a lost answer.

        Also now and then without one: a lease whose connection broke may be committed much later,
        by a backend that had not noticed.
        """
        if not self._is_unsure and time.monotonic() - self._kept_at < self._limits.keep_seconds:
            return True
        relay_id, begun_at = self._means.registration.relay_id, time.monotonic()
        try:
            await self._means.bridge.database(
                queue.keep_only, relay_id=relay_id, lane=self.name, delivery_ids=[*self.in_hand]
            )
        except AWAY as error:
            log.warning("relay.database_away", extra={"error": str(error).strip()})
            return False
        self._is_unsure, self._kept_at = False, begun_at
        return True

    async def _take(self) -> queue.Taken:
        if not (room := self._room()):
            return NOTHING
        if self._pacer is not None and self.name == "batch":
            await self._pacer.step(has_backlog=self._has_backlog)
        limits, relay_id = self._limits, self._means.registration.relay_id
        try:
            self._is_unsure = True
            taken = await self._means.bridge.database(
                queue.take,
                relay_id=relay_id,
                lane=self.name,
                limit=room,
                small_bytes=min(limits.small_bytes, limits.content_bytes // limits.in_hand),
                outlook=self._outlook,
            )
        except AWAY as error:
            # The lease may be committed without our having heard of it: see keep_only.
            log.warning("relay.database_away", extra={"error": str(error).strip()})
            return NOTHING
        self._is_unsure, self._has_backlog = False, len(taken[0]) >= room
        return taken

    def _room(self) -> int:
        """How many to lease; none rather than few, as each lease costs the database the same."""
        most = min(self._limits.lease, self._limits.in_hand)
        room = min(most, self._limits.in_hand - len(self.in_hand))
        self._is_full = room < most // 4
        return 0 if self._is_full else room

    async def _rest(self, paced: float, *, is_idle: bool) -> None:
        """Until `paced`, and then until there is something to do."""
        await asyncio.sleep(max(0.0, paced - asyncio.get_running_loop().time()))
        # Where something was due just now, more may be by now, hint or none.
        if self._stir.is_set() or not is_idle:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(await self._seconds_to_rest()):
                await self._stir.wait()

    async def _seconds_to_rest(self) -> float:
        longest = self._limits.poll_seconds
        if self._pacer is not None and (soon := self._pacer.seconds_to_rest()) is not None:
            longest = min(longest, soon)
        if abstain := self._dispatch.seconds_to_abstain():
            return min(longest, abstain)
        if self._is_unsure or self._is_full:
            return longest
        try:
            due = await self._means.bridge.database(
                queue.seconds_until_due, lane=self.name, outlook=self._outlook
            )
        except AWAY:
            return longest
        return longest if due is None or due <= 0 else min(longest, due)
