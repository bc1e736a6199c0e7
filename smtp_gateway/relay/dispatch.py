"""What a lane has leased: by destination to crews, in portions, or back to the queue."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smtp_gateway import queue
from smtp_gateway.bridge import Bridge
from smtp_gateway.queue import LeasedDelivery
from smtp_gateway.relay.attempt import Courier
from smtp_gateway.relay.couriers import Couriers
from smtp_gateway.relay.crew import Crew
from smtp_gateway.relay.database import insist
from smtp_gateway.relay.destination import ELSEWHERE, Wait
from smtp_gateway.relay.giving_back import GivingBack
from smtp_gateway.relay.jobs import Group
from smtp_gateway.relay.own.making import Making
from smtp_gateway.relay.own.value import NOTHING_OWN
from smtp_gateway.relay.portions import Portion, grouped, portioned
from smtp_gateway.relay.recorder import Recorder
from smtp_gateway.relay.registration import Registration
from smtp_gateway.relay.routing import Routing
from smtp_gateway.relay.signed_groups import SignedGroups, sign
from smtp_gateway.relay.signing import KEY_UNUSABLE, Signing
from smtp_gateway.relay.sorting import sort_out
from smtp_gateway.relay.suppressed import LookUp
from smtp_gateway.relay.unread import Unread

_SLOW_SECONDS = 2.0
_UNSIGNABLE_SECONDS = 300.0
# Of what a lane may have in hand and in memory: what waits for slow destinations, all together.
_SLOW_PART = 2
# Contents stay in memory until the last mail of their portion is attempted, so portions are small.
_PORTIONS = 32


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """What a lane may hold at a time."""

    lease: int = 200
    in_hand: int = 800
    content_bytes: int = 32 * 1024 * 1024
    recipients_per_mail: int = 100
    kept_when_slow: int = 100
    """Mails that may wait for a destination that is slow, so that others find room; many slow ones
    share half of the lane."""
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
    routing: Callable[[], Awaitable[Routing]]
    couriers: Couriers
    signing: Signing | None
    making: Callable[[], Making] | None = None
    """What deliveries get of their own, by the policies as they are now; None: nothing."""
    suppressed: LookUp | None = None
    """Who gets no mail any more; None: nobody asks."""
    wake: Callable[[str], None] = lambda lane: None
    """Wakes the relays for a lane."""


class Dispatch:
    """One lane's crews and what is under way to them."""

    def __init__(
        self,
        lane: str,
        *,
        means: Means,
        limits: LaneLimits,
        forget: Callable[[Sequence[int]], None],
        crashed: asyncio.Future[None],
    ) -> None:
        """`forget` hears what went back to the queue; `crashed` raises what a part failed with."""
        self._lane, self._means, self._limits = lane, means, limits
        self._crashed = crashed
        self._crews: dict[Courier, Crew] = {}
        self._coming: Counter[Courier] = Counter()
        """Portions whose contents are being read."""
        self._is_closed = False
        self._slow = 1
        """How many destinations are slow."""
        self._unread = Unread(limits.content_bytes)
        self._tasks: set[asyncio.Task[None]] = set()
        self._back = GivingBack(
            bridge=means.bridge,
            relay_id=means.registration.relay_id,
            recorder=means.recorder,
            start=self._start,
            forget=forget,
            wake=lambda: means.wake(lane),
        )

    def distribute(
        self,
        leased: Sequence[LeasedDelivery],
        contents: Mapping[int, bytes],
        routing: Routing,
        *,
        has_backlog: bool,
    ) -> None:
        """Has each delivery attempted, kept in the local mailbox, or given back for a while.

        With a backlog what is for other relays alone is given back for a while, too: it would be
        met again and again, in front of all else.
        """
        sorted_out = sort_out(leased, routing, self._means.couriers)
        if sorted_out.kept:
            self._means.recorder.put(sorted_out.kept)
        for reason, deliveries in sorted_out.waiting.items():
            self._back.postpone(deliveries, reason)
        for courier, deliveries in sorted_out.outward.items():
            wait = courier.destination.wait()
            if wait and wait.code == ELSEWHERE and not has_backlog:
                is_all = len(deliveries) == len(leased)
                self._back.leave_to_others(deliveries, wait, is_all=is_all)
                continue
            crew = self._crew(courier)
            groups = list(self._groups(deliveries))
            if self._is_put_off(crew, groups):
                continue
            for portion in portioned(groups, contents, self._limits.content_bytes // _PORTIONS):
                self._coming[courier] += 1
                self._start(self._relay_portion(crew, portion))

    def shed(self, routing: Routing) -> None:
        """Gives back what would keep other destinations' mail from being leased, or leads astray.

        What stays in hand goes on where a pause has ended.
        """
        self._means.couriers.follow(routing)
        for portion, why in self._unread.shed(self._means.registration.held_back_until):
            self._back.postpone(portion.deliveries, why)
        self._slow = max(1, sum(_is_slow(crew) for crew in self._crews.values()))
        for courier, crew in list(self._crews.items()):
            if wait := courier.destination.wait():
                self._back.postpone(_flat(crew.shed(0, 0)), wait)
            elif _is_slow(crew):
                shed = crew.shed(*self._kept(crew))
                self._postpone_in_turns(crew, [*crew.shed_old(), *shed])
            crew.go_on()
            if crew.is_idle and not self._coming[courier]:
                del self._crews[courier]
        self._means.couriers.prune(self._lane, self._crews)

    def seconds_to_abstain(self) -> float:
        """Until the next lease: others are to take what was left to them; 0: no need to wait."""
        return self._back.restraint.seconds()

    def close(self) -> None:
        """No attempt is begun after this."""
        self._is_closed = True
        for crew in self._crews.values():
            crew.close()

    async def finish(self, seconds: float) -> None:
        """Waits for answers to complete mails, for at most that long; cancels all else."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(crew.finish(seconds) for crew in self._crews.values()))

    def drop(self) -> None:
        """Stops everything at once: what was in hand is another relay's now."""
        for task in self._tasks:
            task.cancel()
        for crew in self._crews.values():
            crew.drop()

    def _crew(self, courier: Courier) -> Crew:
        if courier not in self._crews:
            self._crews[courier] = Crew(
                self._lane,
                courier=courier,
                registration=self._means.registration,
                record=self._means.recorder.put,
                crashed=self._crashed,
            )
            if self._is_closed:
                self._crews[courier].close()
        return self._crews[courier]

    def _is_put_off(self, crew: Crew, groups: Sequence[Group]) -> bool:
        """Gives back what had better wait in the queue and not in our hand."""
        if wait := crew.destination.wait():
            self._back.postpone(_flat(groups), wait)
            return True
        most, most_bytes = self._kept(crew)
        is_little = crew.waiting < most and crew.waiting_bytes < most_bytes
        if is_little or not _is_slow(crew):
            return False
        self._postpone_in_turns(crew, groups)
        return True

    def _kept(self, crew: Crew) -> tuple[int, int]:
        """How many mails, and bytes of them, may wait for a destination that is slow."""
        limits, parts = self._limits, _SLOW_PART * self._slow
        most = crew.soon(min(limits.kept_when_slow, limits.in_hand // parts))
        return most, limits.content_bytes // parts

    def _postpone_in_turns(self, crew: Crew, groups: Sequence[Group]) -> None:
        start = 0
        for number, seconds in crew.turns(len(groups)):
            part = groups[start : start + number]
            self._back.postpone(_flat(part), crew.destination.busy(seconds))
            start += number

    def _groups(self, deliveries: Sequence[LeasedDelivery]) -> Iterator[Group]:
        making = self._means.making() if self._means.making else None
        most = self._limits.recipients_per_mail

        def most_together(delivery: LeasedDelivery) -> int:
            return 1 if making is not None and making.is_single(delivery) else most

        return grouped(deliveries, most_together)

    async def _relay_portion(self, crew: Crew, portion: Portion) -> None:
        async with self._unread.room(crew.courier, portion) as is_there:
            try:
                # While it waited for memory the destination may have become slow.
                if not is_there or self._is_put_off(crew, portion.groups):
                    return
                ready = await self._prepared(portion.groups, portion.contents)
            finally:
                self._arrived(crew.courier)
            if ready.groups:
                await crew.relay(ready.groups, ready.contents, ready.own)

    def _arrived(self, courier: Courier) -> None:
        self._coming[courier] -= 1
        if not self._coming[courier]:
            # A destination that stood here for ever could not be forgotten.
            del self._coming[courier]

    async def _prepared(
        self, chunk: Sequence[Group], contents: Mapping[int, bytes]
    ) -> SignedGroups:
        """The groups that can be sent, and their contents as they will be."""
        message_ids = [group[0].message_id for group in chunk]
        missing = [message_id for message_id in message_ids if message_id not in contents]
        if missing:
            read = await insist(lambda: self._means.bridge.database(queue.contents, missing))
            contents = {**contents, **read}
        own = NOTHING_OWN
        if self._means.making is not None:
            own, contents = self._means.making().made(chunk, contents)
        if self._means.signing is None:
            return SignedGroups(chunk, contents, (), own)
        signed = await sign(chunk, contents, self._means.signing, own)
        for group, reason in signed.unsignable:
            self._back.postpone(group, Wait(_UNSIGNABLE_SECONDS, KEY_UNUSABLE, reason))
        return signed

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) and not self._crashed.done():
            self._crashed.set_exception(fault)


def _flat(groups: Sequence[Group]) -> list[LeasedDelivery]:
    return [delivery for group in groups for delivery in group]


def _is_slow(crew: Crew) -> bool:
    """Whether what waits for it will take long."""
    return crew.waiting > 0 and crew.drain_seconds() >= _SLOW_SECONDS
