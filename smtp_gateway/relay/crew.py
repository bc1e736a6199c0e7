"""The workers of a lane at one destination: each borrows a connection for mail after mail."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from smtp_gateway.queue import Outcome
from smtp_gateway.relay.attempt import Courier
from smtp_gateway.relay.commands import Mail
from smtp_gateway.relay.drain import Drain
from smtp_gateway.relay.jobs import Batch, Group, Job
from smtp_gateway.relay.line import Line
from smtp_gateway.relay.own.value import NOTHING_OWN, OwnById
from smtp_gateway.relay.registration import Registration

_MAILS_EACH = 4
# What begins later than that waits in the queue, where it says why and can be cancelled.
_SOON_SECONDS = 30.0
# Until more workers come; longer each time where there were none to add.
_HELP_SECONDS, _LONGEST_HELP_SECONDS = 0.01, 0.64


class Crew:
    """As many workers as there is work for: few share much, and get help when it takes long.

    One for what a lane has for a destination.
    """

    def __init__(
        self,
        lane: str,
        *,
        courier: Courier,
        registration: Registration,
        record: Callable[[Sequence[Outcome]], None],
        crashed: asyncio.Future[None],
    ) -> None:
        """`crashed` raises what a worker failed with, which no attempt's fault does."""
        self._lane, self.courier = lane, courier
        self.destination = courier.destination
        self._pool = self.destination.pool
        self._registration, self._record = registration, record
        self._crashed = crashed
        self._ready: deque[Job] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._lines: dict[asyncio.Task[Any] | None, Line] = {}
        """Of the workers that attempt a mail."""
        self._help: asyncio.TimerHandle | None = None
        self._help_seconds = _HELP_SECONDS
        self._drain = Drain(time.monotonic())
        self._paced = 0
        """Workers who wait for their slot in the pace, each for a mail that waits."""
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """Groups that nobody has begun."""
        return len(self._ready)

    @property
    def waiting_bytes(self) -> int:
        """The size of what nobody has begun."""
        return sum(job.size_bytes for job in self._ready)

    @property
    def is_idle(self) -> bool:
        """Whether it has neither work nor workers."""
        return not self._ready and not self._workers

    async def relay(
        self,
        groups: Sequence[Group],
        contents: Mapping[int, bytes],
        own: OwnById = NOTHING_OWN,
    ) -> None:
        """Returns when each group has been attempted or shed."""
        now = time.monotonic()
        if not self._ready:
            self._drain.begin(now)
        batch = Batch(contents, len(groups), own)
        self._ready.extend(Job(group, batch, now) for group in groups)
        self._help_seconds = _HELP_SECONDS
        self._staff(-(-len(self._ready) // _MAILS_EACH))
        await batch.done

    def go_on(self) -> None:
        """Begins again where the destination was left alone, and is not any more."""
        if self._ready and not self._workers:
            self._staff(1)

    def drain_seconds(self) -> float:
        """How long what waits will take, as it went lately."""
        self._drain.leave_out(self._registration.held_back_until)
        return self._drain.seconds(len(self._ready), time.monotonic())

    def soon(self, number: int) -> int:
        """How many of so many will begin soon, as it went lately."""
        self._drain.leave_out(self._registration.held_back_until)
        return max(self._paced, self._drain.within(_SOON_SECONDS, number, time.monotonic()))

    def turns(self, number: int) -> Iterator[tuple[int, float]]:
        """When so many mails more had better come again, behind those that wait already."""
        return self._drain.turns(number, waiting=len(self._ready), now=time.monotonic())

    def shed(self, keep: int, keep_bytes: int) -> list[Group]:
        """What waits beyond so many groups or bytes is the caller's: it was not begun."""
        shed: list[Group] = []
        size = self.waiting_bytes
        while self._ready and (len(self._ready) > keep or size > keep_bytes):
            job = self._ready.pop()
            size -= job.size_bytes
            shed.append(self._out(job))
        return shed[::-1]

    def shed_old(self) -> list[Group]:
        """What waits for much longer than it should have had to, in the same way."""
        held_back = self._registration.held_back_until
        before = time.monotonic() - 2 * _SOON_SECONDS
        shed: list[Group] = []
        while len(self._ready) > self._paced and max(self._ready[0].since, held_back) < before:
            shed.append(self._out(self._ready.popleft()))
        return shed

    def _out(self, job: Job) -> Group:
        job.batch.finish_one()
        return job.group

    async def finish(self, seconds: float) -> None:
        """Waits for the answers to mails that the next hop has, for at most that long.

        All else is cut off at once: it is tried again, and arrives once.
        """
        self.close()
        for worker in self._workers:
            line = self._lines.get(worker)
            if line is None or not line.is_unanswered:
                worker.cancel()
        if self._workers:
            _, late = await asyncio.wait(self._workers, timeout=seconds)
            for worker in late:
                worker.cancel()
            if late:
                await asyncio.wait(late)

    def drop(self) -> None:
        """Stops everything at once."""
        self.close()
        for worker in self._workers:
            worker.cancel()

    def claim(self) -> Job | None:
        """The next group, which is the caller's now; None: there is none to begin."""
        if not self._ready or self._is_closed:
            return None
        job = self._ready.popleft()
        self._registration.begun.add(delivery.delivery_id for delivery in job.group)
        return job

    def claim_ahead(self) -> Job | None:
        """The same, ahead of its turn: only where nobody waits for the connection."""
        governor = self.destination.governor
        if self._pool.places.is_wanted or not self._registration.is_fresh:
            return None
        if not governor.has_slot(time.monotonic()):
            return None
        job = self.claim()
        if job is not None:
            governor.slot(time.monotonic())
        return job

    def put_back(self, job: Job) -> None:
        """It is the next again, for whoever has time."""
        self._registration.begun.remove(delivery.delivery_id for delivery in job.group)
        if not self._is_closed:
            self._ready.appendleft(job)
            self._staff(len(self._workers) + 1)

    def close(self) -> None:
        """Nothing begins any more, and what waits is forgotten."""
        self._is_closed = True
        self._ready.clear()

    def _staff(self, wanted: int) -> None:
        if self._is_closed or self.destination.wait():
            return
        for _ in range(len(self._workers), min(wanted, self._pool.places.per_lane)):
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._ended)
        if self._ready and self._help is None:
            later = asyncio.get_running_loop().call_later
            self._help = later(self._help_seconds, self._get_help)

    def _get_help(self) -> None:
        self._help, before = None, len(self._workers)
        if self._ready:
            # One at least: where the last worker was just leaving, nobody was staffed before.
            wanted = max(1, min(2 * before, before + len(self._ready)))
            is_full = min(wanted, self._pool.places.per_lane) <= before
            longer = min(2 * self._help_seconds, _LONGEST_HELP_SECONDS)
            self._help_seconds = longer if is_full else _HELP_SECONDS
            self._staff(wanted)

    async def _work(self) -> None:
        while self._ready and not self._is_closed and not self.destination.wait():
            # Nobody holds a place while waiting for the pace.
            if seconds := self.destination.governor.slot(time.monotonic()):
                await self._until_slot(seconds)
            async with self._pool.places.hold(self._lane):
                # Much may have been learned meanwhile.
                if not self.destination.wait():
                    await self._turn()

    async def _until_slot(self, seconds: float) -> None:
        self._paced += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._paced -= 1

    async def _turn(self) -> None:
        """Uses a connection until there is no work, or somebody else waits for it."""
        line, ahead = Line(self._pool), Ahead(self)
        try:
            while (job := await self._next(ahead)) is not None:
                await self._attempt(line, job, ahead)
                # Also of what is ahead nothing begins once this crew is closed.
                if self._is_closed or (ahead.job is None and not self._may_go_on()):
                    break
        finally:
            line.release()
            ahead.put_back()

    async def _next(self, ahead: "Ahead") -> Job | None:
        # Before it is claimed: what waits here has not begun.
        if not self._registration.is_fresh:
            await self._registration.may_begin()
        return ahead.take() or self.claim()

    def _may_go_on(self) -> bool:
        """Whether this worker may begin another mail in its turn."""
        if self._is_closed or self._pool.places.is_wanted or not self._ready:
            return False
        if self.destination.wait():
            return False
        now = time.monotonic()
        if not self.destination.governor.has_slot(now):
            return False
        self.destination.governor.slot(now)
        return True

    async def _attempt(self, line: Line, job: Job, ahead: "Ahead") -> None:
        worker = asyncio.current_task()
        self._lines[worker] = line
        try:
            outcomes = await self.courier.attempt(job.group, job.mail, line, ahead)
        finally:
            del self._lines[worker]
        self._drain.finish_one()
        self._record(outcomes)
        job.batch.finish_one()

    def _ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and (fault := worker.exception()) and not self._crashed.done():
            self._crashed.set_exception(fault)


class Ahead:
    """The mail that a worker begins while the next hop still considers the one before."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self.job: Job | None = None

    def claim(self) -> Mail | None:
        self.job = self._crew.claim_ahead()
        try:
            return self.job.mail() if self.job else None
        except KeyError:
            # It fails when it is its turn, and not the mail before it.
            self.put_back()
            return None

    def put_back(self) -> None:
        if self.job is not None:
            self._crew.put_back(self.job)
        self.job = None

    def take(self) -> Job | None:
        """The job, which is no longer ahead."""
        job, self.job = self.job, None
        return job
