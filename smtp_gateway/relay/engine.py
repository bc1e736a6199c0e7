"""The relay process: registers itself, works both lanes, and stops in order.

A shift is the time under one registration. When others take this relay for dead, the shift ends
with everything in hand dropped, and the next begins.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from smtp_gateway import queue
from smtp_gateway.bridge import Bridge
from smtp_gateway.identity import MailType
from smtp_gateway.paces import Paces
from smtp_gateway.queue import Outcome
from smtp_gateway.relay.couriers import Couriers
from smtp_gateway.relay.database import AWAY, insist
from smtp_gateway.relay.dispatch import LaneLimits, Means
from smtp_gateway.relay.lane import Lane
from smtp_gateway.relay.own.making import Making
from smtp_gateway.relay.pacer import Pacer
from smtp_gateway.relay.recorder import Record, Recorder
from smtp_gateway.relay.registration import Registration, Rhythm, register
from smtp_gateway.relay.routing import Routing
from smtp_gateway.relay.signing import Signing
from smtp_gateway.relay.suppressed import LookUp
from smtp_gateway.wake import RELEASE_HOLDS

LANES: tuple[MailType, ...] = ("trigger", "batch")
_LEASE_SECONDS, _RECORD_SECONDS, _CANCEL_SECONDS = 0.5, 1.0, 0.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Relay:
    """What the process is made of.

    `hints` yields whenever there may be something to relay: in which lanes, in any if it is silent.
    """

    bridge: Bridge
    heartbeat_bridge: Bridge
    routing: Callable[[], Awaitable[Routing]]
    couriers: Couriers
    signing: Signing | None
    record: Record
    hints: Callable[[], AsyncIterator[Sequence[str] | None]]
    making: Callable[[], Making] | None = None
    suppressed: LookUp | None = None
    paces: Callable[[], Paces] = Paces
    """By default none: all goes as fast as it can."""
    wake: Callable[[str], None] = lambda lane: None
    """Wakes the relays for a lane, this one too."""
    lane_limits: LaneLimits = field(default_factory=LaneLimits)
    rhythm: Rhythm = field(default_factory=Rhythm)
    finish_seconds: float = 10.0
    """How long a stop waits for the answers to complete mails; with the rest of it, 2.5 more."""


async def run(relay: Relay, stopping: asyncio.Event) -> bool:
    """Relays until `stopping` is set. False: it had to stop without its database."""
    in_order = True
    stop = asyncio.create_task(stopping.wait())
    try:
        while not stopping.is_set():
            registering = asyncio.create_task(_registered(relay))
            await asyncio.wait([registering, stop], return_when=asyncio.FIRST_COMPLETED)
            if not registering.done():
                registering.cancel()
                return False
            in_order = await _Shift(relay, registering.result()).work(stop)
    finally:
        stop.cancel()
        relay.couriers.close()
    return in_order


async def _registered(relay: Relay) -> int:
    relay_id = await insist(lambda: relay.bridge.database(register))
    log.info("relay.started", extra={"relay_id": relay_id})
    return relay_id


class _Shift:
    def __init__(self, relay: Relay, relay_id: int) -> None:
        self._relay = relay
        self._registration = Registration(relay_id, relay.rhythm, relay.couriers.set_rank)
        self._recorder = Recorder(
            registration=self._registration,
            bridge=relay.bridge,
            record=relay.record,
            recorded=self._recorded,
        )
        means = Means(
            bridge=relay.bridge,
            registration=self._registration,
            recorder=self._recorder,
            routing=relay.routing,
            couriers=relay.couriers,
            signing=relay.signing,
            making=relay.making,
            suppressed=relay.suppressed,
            wake=relay.wake,
        )
        pacer = Pacer(relay.bridge, relay.paces)
        self._lanes = [
            Lane(name, means=means, limits=relay.lane_limits, pacer=pacer) for name in LANES
        ]

    async def work(self, stop: asyncio.Task[bool]) -> bool:
        """Until `stop` is done, or this relay was taken for dead; whether it stopped in order.

        A crash of any part is ours.
        """
        keeping = asyncio.create_task(self._registration.keep(self._relay.heartbeat_bridge))
        leasing = [asyncio.create_task(lane.run()) for lane in self._lanes]
        others = [asyncio.create_task(self._recorder.run()), asyncio.create_task(self._listen())]
        try:
            crashes = [lane.crashed for lane in self._lanes]
            every: list[asyncio.Future[Any]] = [stop, keeping, *leasing, *others, *crashes]
            await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
            for task in (*leasing, *others, *crashes):
                if task.done():
                    task.result()
            if stop.done():
                return await self._stop(leasing)
            keeping.result()
            log.error("relay.taken_for_dead")
            await self._hand_over()
            return True
        finally:
            for lane in self._lanes:
                lane.drop()
            await _cancelled([keeping, *leasing, *others])

    async def _hand_over(self) -> None:
        """What next hops said is true even so, and is recorded where nobody has tried again yet."""
        for lane in self._lanes:
            lane.drop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RECORD_SECONDS):
                await self._recorder.flushed()
        self._registration.begun.close()

    async def _stop(self, leasing: Sequence[asyncio.Task[None]]) -> bool:
        for lane in self._lanes:
            lane.close()
        # A lease under way is waited for: cut off, it could be committed after we signed off.
        await asyncio.wait(leasing, timeout=_LEASE_SECONDS)
        await _cancelled(leasing)
        await asyncio.gather(*(lane.finish(self._relay.finish_seconds) for lane in self._lanes))
        try:
            async with asyncio.timeout(_RECORD_SECONDS):
                await self._recorder.flushed()
                await self._sign_off()
        except (TimeoutError, *AWAY):
            # Whoever comes next frees what we held.
            log.warning("relay.stopped_without_database")
            return False
        log.info("relay.stopped")
        return True

    async def _sign_off(self) -> None:
        database, relay_id = self._relay.bridge.database, self._registration.relay_id
        for lane in self._lanes:
            # Also what a lease took that was under way when we stopped leasing.
            await database(queue.keep_only, relay_id=relay_id, lane=lane.name, delivery_ids=[])
        await database(queue.sign_off, relay_id=relay_id)
        self._registration.begun.close()

    async def _listen(self) -> None:
        async for names in self._relay.hints():
            if names and RELEASE_HOLDS in names:
                self._relay.couriers.release_holds()
            for lane in self._lanes:
                if not names or lane.name in names:
                    lane.stir()

    def _recorded(self, outcomes: Sequence[Outcome]) -> None:
        done = [outcome.delivery.delivery_id for outcome in outcomes]
        self._registration.begun.remove(done)
        for lane in self._lanes:
            lane.forget(done)


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancels them; one that does not end soon, such as a client of Redis, is left to itself."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)
