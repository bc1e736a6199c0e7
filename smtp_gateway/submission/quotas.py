"""Spends leases of quotas from memory, and gets new ones in time. Knows no SMTP and no tables."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import Error, OperationalError

from smtp_gateway.bridge import DATABASE_AWAY
from smtp_gateway.identity import Sender
from smtp_gateway.mail_policy import Quota
from smtp_gateway.quota.store import QuotaStore
from smtp_gateway.quota.values import Grant, QuotaReached, hour_of

# In recipients. Who uses one up within a second gets twice as many the next time.
_LEASE, _LARGEST_LEASE = 64, 1024
_TEND_SECONDS, _BEAT_SECONDS = 0.5, 4.0
_IDLE_SECONDS = 10.0
# Where a quota is nearly used up, what lies here unused is what somebody else is refused.
_IDLE_SECONDS_WHERE_SHORT = 1.0
_REMEMBER_REACHED_SECONDS = 1.0
# Less than a holder may be silent: whoever could not say that it lives does not spend either.
_SILENT_SECONDS = 12.0
_MOST_REACHED = 10_000

log = logging.getLogger(__name__)

_Key = tuple[str, datetime]
"""Address and hour."""


@dataclass(slots=True)
class Lease:
    """What is left of one, and how many mails are being accepted under it."""

    id: int
    quota: Quota
    left: int = 0
    under_way: int = 0
    wanted: int = _LEASE
    is_short: bool = False
    """Less was granted than was wanted."""
    is_spoilt: bool = False
    """What the database knows of it may be something else: it is given back when it can be."""
    is_being_extended: bool = False
    granted_at: float = 0.0
    used_at: float = 0.0


class Quotas:
    """Those of all sessions of one worker."""

    def __init__(self, store: QuotaStore) -> None:
        self._store = store
        self._holder = ""
        self._heard_at = 0.0
        self._leases: dict[_Key, Lease] = {}
        self._reached: dict[_Key, tuple[QuotaReached, float]] = {}
        self._asking = asyncio.Lock()
        self._failed_at = float("-inf")
        """When a question found the database away, in monotonic seconds."""
        self._extending: set[asyncio.Task[None]] = set()

    def refusal(self, sender: Sender, recipients: int, at: datetime) -> QuotaReached | None:
        """Whether it is known that a mail with so many recipients would not be taken."""
        if not self._reached:
            return None
        key = (sender.address, hour_of(at))
        reached, since = self._reached.get(key, (None, 0.0))
        if reached is None or time.monotonic() - since > _REMEMBER_REACHED_SECONDS:
            self._reached.pop(key, None)
            return None
        lease = self._leases.get(key)
        room = reached.left + (lease.left if lease else 0)
        return reached if recipients > room else None

    def spend(self, sender: Sender, recipients: int, at: datetime) -> Lease | None:
        """The lease under which they may be accepted; None: `ask`. Then `settle`."""
        lease = self._leases.get((sender.address, hour_of(at)))
        if lease is None or not self._may_spend(lease, sender) or lease.left < recipients:
            return None
        lease.left -= recipients
        lease.under_way += 1
        lease.used_at = time.monotonic()
        if lease.left < lease.wanted // 4 and not lease.is_being_extended and not lease.is_short:
            self._extend_beside(lease, sender, at)
        return lease

    async def ask(self, sender: Sender, recipients: int, at: datetime) -> Lease | QuotaReached:
        """Like `spend`, with a new lease. Raises what the database raises."""
        async with self._turn():
            # Whoever asked before may have brought enough for both.
            lease = self.spend(sender, recipients, at)
            while lease is None:
                refusal = self.refusal(sender, recipients, at)
                if refusal or (refusal := await self._extend(sender, recipients, at)):
                    return refusal
                lease = self.spend(sender, recipients, at)
            return lease

    def settle(self, lease: Lease, *, is_accepted: bool) -> None:
        """What was spent is accepted, or not."""
        lease.under_way -= 1
        if not is_accepted:
            lease.is_spoilt, lease.left = True, 0

    async def flush_forever(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(_TEND_SECONDS)
            try:
                await asyncio.shield(self._tend())
            except Error as error:
                log.debug("quota.database_away", extra={"error": repr(error)})

    async def flush(self) -> None:
        """Gives everything back; nothing is under way any more."""
        try:
            async with self._asking:
                await self._give_back(list(self._leases))
                if self._holder:
                    await self._store.sign_off(self._holder)
        except Error as error:
            # It comes back when this holder has been silent for long enough.
            log.warning("quota.not_given_back", extra={"error": repr(error)})

    # --- Inside -----------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One question at a time; who waited for one that failed fails with it.

        Else each would wait as long for the database as all before it, one after the other.
        """
        since = time.monotonic()
        async with self._asking:
            if self._failed_at >= since:
                raise OperationalError("the database did not answer who asked before")
            try:
                yield
            except DATABASE_AWAY:
                self._failed_at = time.monotonic()
                raise

    def _may_spend(self, lease: Lease, sender: Sender) -> bool:
        if time.monotonic() - self._heard_at > _SILENT_SECONDS:
            return False
        if lease.quota != sender.policy.quota:
            lease.is_spoilt, lease.left = True, 0
        return True

    def _extend_beside(self, lease: Lease, sender: Sender, at: datetime) -> None:
        """Before it is used up, so that no mail waits."""
        lease.is_being_extended = True
        task = asyncio.create_task(self._extend_in_time(lease, sender, at))
        self._extending.add(task)
        task.add_done_callback(self._extending.discard)

    async def _extend_in_time(self, lease: Lease, sender: Sender, at: datetime) -> None:
        try:
            async with self._turn():
                await self._extend(sender, lease.left + 1, at)
        except Error as error:
            # Whoever finds it used up asks again, and hears it then.
            log.debug("quota.database_away", extra={"error": repr(error)})
        finally:
            lease.is_being_extended = False

    async def _extend(self, sender: Sender, recipients: int, at: datetime) -> QuotaReached | None:
        await self._be_known()
        key = (sender.address, hour_of(at))
        held = self._leases.get(key)
        if held and held.is_spoilt and not held.under_way:
            await self._give_back([key])
        lease = self._leases.get(key) or Lease(0, sender.policy.quota)
        needed = recipients - lease.left
        wanted = max(needed, _wanted(lease))
        granted = await self._take(sender, at, needed, wanted)
        if isinstance(granted, QuotaReached):
            self._remember(key, granted)
            return granted
        lease.id, lease.quota = granted.lease_id, sender.policy.quota
        lease.left += granted.count
        lease.wanted, lease.is_short = wanted, granted.count < wanted
        lease.granted_at = lease.used_at = time.monotonic()
        self._leases[key] = lease
        return None

    async def _take(
        self, sender: Sender, at: datetime, needed: int, wanted: int
    ) -> Grant | QuotaReached:
        take, quota = self._store.take, sender.policy.quota
        granted = await take(self._holder, sender, quota, at, needed=needed, wanted=wanted)
        if isinstance(granted, Grant):
            return granted
        await self._store.give_back_of_dead()
        return await take(self._holder, sender, quota, at, needed=needed, wanted=wanted)

    def _remember(self, key: _Key, reached: QuotaReached) -> None:
        if len(self._reached) >= _MOST_REACHED:
            self._reached.clear()
        self._reached[key] = (reached, time.monotonic())

    async def _be_known(self) -> None:
        """As a holder that lives. Leases of one that was taken for dead are gone."""
        if self._holder and time.monotonic() - self._heard_at < _BEAT_SECONDS:
            return
        asked_at = time.monotonic()
        if not self._holder or not await self._store.beat(self._holder):
            self._leases.clear()
            self._holder = secrets.token_hex(16)
            await self._store.sign_on(self._holder)
        self._heard_at = asked_at

    async def _tend(self) -> None:
        async with self._turn():
            if not self._leases:
                return
            await self._be_known()
            now = time.monotonic()
            await self._give_back([key for key, lease in self._leases.items() if _idle(lease, now)])

    async def _give_back(self, keys: Collection[_Key]) -> None:
        ended = {key: self._leases[key] for key in keys if not self._leases[key].under_way}
        if not ended:
            return
        for key in ended:
            # Nothing may be spent of it from here on.
            del self._leases[key]
        try:
            await self._store.give_back([lease.id for lease in ended.values()])
        except Error:
            for key, lease in ended.items():
                lease.is_spoilt, lease.left = True, 0
                self._leases[key] = lease
            raise


def _wanted(lease: Lease) -> int:
    was_fast = lease.granted_at and time.monotonic() - lease.granted_at < 1.0
    return min(lease.wanted * 2, _LARGEST_LEASE) if was_fast else _LEASE


def _idle(lease: Lease, now: float) -> bool:
    patience = _IDLE_SECONDS_WHERE_SHORT if lease.is_short else _IDLE_SECONDS
    return (lease.is_spoilt and not lease.under_way) or now - lease.used_at > patience
