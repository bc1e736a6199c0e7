"""Outcomes on their way into the database: in batches, one short transaction each."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.db import DatabaseError

from smtp_gateway.bridge import Bridge
from smtp_gateway.queue import Outcome
from smtp_gateway.relay.attempt import log_outcome
from smtp_gateway.relay.database import AWAY, insist
from smtp_gateway.relay.registration import Registration

_BATCH = 500
_PACE_SECONDS = 0.02

log = logging.getLogger(__name__)

Record = Callable[[int, Sequence[Outcome]], set[int]]
"""Writes outcomes of the relay with that id; returns the ids of deliveries for which it did."""


class Recorder:
    """Collects outcomes while a transaction is under way, and keeps them while there is none."""

    def __init__(
        self,
        *,
        registration: Registration,
        bridge: Bridge,
        record: Record,
        recorded: Callable[[Sequence[Outcome]], None],
    ) -> None:
        self._registration, self._bridge = registration, bridge
        self._record, self._recorded = record, recorded
        self._waiting: list[Outcome] = []
        self._has_work = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def put(self, outcomes: Sequence[Outcome]) -> None:
        """Has them written soon."""
        for outcome in outcomes:
            log_outcome(outcome)
        self._waiting += outcomes
        self._is_idle.clear()
        self._has_work.set()

    async def run(self) -> None:
        """Writes whatever comes, for ever: at once, and together what comes soon after."""
        loop = asyncio.get_running_loop()
        while True:
            await self._has_work.wait()
            paced = loop.time() + _PACE_SECONDS
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            self._registration.recording(is_under_way=True)
            await self._write(batch)
            self._registration.recording(is_under_way=False)
            if not self._waiting:
                self._has_work.clear()
                self._is_idle.set()
            if len(self._waiting) < _BATCH:
                await asyncio.sleep(max(0.0, paced - loop.time()))

    async def flushed(self) -> None:
        """Waits until everything is written."""
        await self._is_idle.wait()

    async def _insist(self, batch: Sequence[Outcome]) -> set[int]:
        return await insist(lambda: self._try(batch))

    async def _try(self, batch: Sequence[Outcome]) -> set[int]:
        try:
            return await self._bridge.database(self._record, self._registration.relay_id, batch)
        except AWAY:
            self._registration.record_failed()
            raise

    async def _write_bare(self, batch: Sequence[Outcome]) -> set[int]:
        """One by one and without texts: an outcome the database refuses would be relayed again."""
        kept = set()
        for outcome in batch:
            bare = replace(outcome, next_hop="", reply="", reason="", tls="")
            kept |= await self._insist([bare])
        return kept

    async def _write(self, batch: Sequence[Outcome]) -> None:
        try:
            kept = await self._insist(batch)
        except DatabaseError:
            log.exception("relay.outcomes_not_recorded")
            kept = await self._write_bare(batch)
        if taken := [o for o in batch if o.delivery.delivery_id not in kept]:
            log.warning("relay.outcomes_of_others", extra={"count": len(taken)})
        self._recorded(batch)
