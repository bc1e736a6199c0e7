"""One lane: leases its due deliveries, groups them by message and has each group attempted.

A lane has budgets of its own (deliveries in hand, bytes in memory, connections), so that a million
batch mails leave the trigger lane free.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from smtp_gateway import queue
from smtp_gateway.bridge import Bridge
from smtp_gateway.identity import MailType
from smtp_gateway.queue import LeasedDelivery
from smtp_gateway.relay.attempt import Smarthost, kept_in_mailbox
from smtp_gateway.relay.budget import ByteBudget
from smtp_gateway.relay.crew import Crew, Group
from smtp_gateway.relay.database import AWAY, insist
from smtp_gateway.relay.recorder import Recorder
from smtp_gateway.relay.registration import Registration
from smtp_gateway.relay.routes import Routing

NOTHING: queue.Taken = ([], {})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """What a lane may hold at a time."""

    lease: int = 200
    in_hand: int = 400
    content_bytes: int = 32 * 1024 * 1024
    recipients_per_mail: int = 100
    small_bytes: int = 16 * 1024
    """What is no larger is read along with its lease."""
    pace_seconds: float = 0.02
    """Between leases, so that what trickles in is leased together; the first waits for nothing."""
    poll_seconds: float = 1.0
    keep_seconds: float = 30.0
    """How often what the database says we hold is set to what we know we hold."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a lane works with."""

    bridge: Bridge
    registration: Registration
    recorder: Recorder
    routing: Routing
    smarthost: Smarthost | None


class Lane:
    """Works off one lane until it is cancelled."""

    def __init__(self, name: MailType, *, means: Means, limits: LaneLimits) -> None:
        self.name, self._means, self._limits = name, means, limits
        self.in_hand: dict[int, LeasedDelivery] = {}
        """Leased, and the outcome is not recorded yet."""
        self.crashed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Raises what a part of this lane failed with, which no attempt's fault does."""
        self._crew = self._make_crew()
        self._bytes = ByteBudget(limits.content_bytes)
        self._tasks: set[asyncio.Task[None]] = set()
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
            leased, contents = await self._take() if await self._is_certain() else NOTHING
            if leased:
                self._distribute(leased, contents)
            if len(leased) < self._limits.lease and not self._is_closed:
                await self._rest(paced, is_idle=not leased)

    def close(self) -> None:
        """No lease is begun after this."""
        self._is_closed = True
        self._stir.set()

    async def finish(self, seconds: float) -> None:
        """Lets the attempts that have begun end, for at most that long; cancels all else."""
        for task in self._tasks:
            task.cancel()
        if self._crew is not None:
            await self._crew.finish(seconds)

    def drop(self) -> None:
        """Stops everything at once: what was in hand is another relay's now."""
        for task in self._tasks:
            task.cancel()
        if self._crew is not None:
            self._crew.drop()

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
        limits, relay_id = self._limits, self._means.registration.relay_id
        try:
            self._is_unsure = True
            taken = await self._means.bridge.database(
                queue.take,
                relay_id=relay_id,
                lane=self.name,
                limit=room,
                small_bytes=min(limits.small_bytes, limits.content_bytes // limits.in_hand),
            )
        except AWAY as error:
            # The lease may be committed without our having heard of it: see keep_only.
            log.warning("relay.database_away", extra={"error": str(error).strip()})
            return NOTHING
        self._is_unsure = False
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
        if self._is_unsure or self._is_full:
            return longest
        try:
            due = await self._means.bridge.database(queue.seconds_until_due, lane=self.name)
        except AWAY:
            return longest
        return longest if due is None or due <= 0 else min(longest, due)

    def _distribute(self, leased: Sequence[LeasedDelivery], contents: Mapping[int, bytes]) -> None:
        self.in_hand.update((delivery.delivery_id, delivery) for delivery in leased)
        routing, outward = self._means.routing, []
        kept = []
        for delivery in leased:
            route = routing.route(origin=delivery.origin, mail_from=delivery.mail_from)
            if route.name == "mailbox":
                kept.append(kept_in_mailbox(delivery, route))
            else:
                outward.append(delivery)
        if kept:
            self._means.recorder.put(kept)
        for chunk in self._chunks(outward):
            self._start(self._relay_chunk(chunk, contents))

    def _chunks(self, deliveries: Sequence[LeasedDelivery]) -> Iterator[list[Group]]:
        """Groups whose contents are read together: an eighth of the lane's bytes at most."""
        chunk: list[Group] = []
        size = 0
        for group in self._groups(deliveries):
            if chunk and size + group[0].size_bytes > self._limits.content_bytes // 8:
                yield chunk
                chunk, size = [], 0
            chunk.append(group)
            size += group[0].size_bytes
        if chunk:
            yield chunk

    def _groups(self, deliveries: Sequence[LeasedDelivery]) -> Iterator[Group]:
        by_message = sorted(deliveries, key=lambda delivery: delivery.message_id)
        for _, group in groupby(by_message, key=lambda delivery: delivery.message_id):
            together = list(group)
            for start in range(0, len(together), self._limits.recipients_per_mail):
                yield together[start : start + self._limits.recipients_per_mail]

    async def _relay_chunk(self, chunk: Sequence[Group], contents: Mapping[int, bytes]) -> None:
        size = sum(group[0].size_bytes for group in chunk)
        message_ids = [group[0].message_id for group in chunk]
        missing = [message_id for message_id in message_ids if message_id not in contents]
        async with self._bytes.hold(size):
            if missing:
                read = await insist(lambda: self._means.bridge.database(queue.contents, missing))
                contents = {**contents, **read}
            if self._crew is None:
                raise RuntimeError("A smarthost route without a smarthost.")
            await self._crew.relay(chunk, contents)

    def _make_crew(self) -> Crew | None:
        means = self._means
        if means.smarthost is None:
            return None
        return Crew(
            self.name,
            smarthost=means.smarthost,
            registration=means.registration,
            record=means.recorder.put,
            crashed=self.crashed,
        )

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) and not self.crashed.done():
            self.crashed.set_exception(fault)
