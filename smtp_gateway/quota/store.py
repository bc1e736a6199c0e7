"""A worker's leases in the database, on the event loop, by prepared statements."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol

from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.mail_policy import Quota
from smtp_gateway.quota import statements
from smtp_gateway.quota.values import Grant, QuotaReached, Window, reached, windows_of

DEAD_AFTER_SECONDS = 20.0


class QuotaOwner(Protocol):
    """As the gateway knows the sender address that a quota is of."""

    @property
    def address(self) -> str: ...

    @property
    def mail_type(self) -> str: ...


class QuotaStore:
    """All methods raise what the database raises. One statement at a time; others wait."""

    def __init__(self, database: LoopDatabase) -> None:
        self._database = database
        self._turn = asyncio.Lock()

    async def sign_on(self, holder: str) -> None:
        await self._execute(statements.SIGN_ON, holder)

    async def beat(self, holder: str) -> bool:
        """False: this holder was taken for dead, and its leases are gone."""
        return bool(await self._execute(statements.BEAT, holder))

    async def take(
        self,
        holder: str,
        owner: QuotaOwner,
        quota: Quota,
        at: datetime,
        *,
        needed: int,
        wanted: int,
    ) -> Grant | QuotaReached:
        """A lease of at least `needed` recipients, or why there is none."""
        windows = windows_of(owner.address, owner.mail_type, quota, at)
        subjects, periods, starts = _columns(windows)
        limits = [window.most for window in windows]
        asked = (holder, owner.address, owner.mail_type, subjects, periods, starts, limits)
        ((found, number, taken, lease_id),) = await self._execute(
            statements.TAKE, *asked, needed, wanted
        )
        if found < len(windows):
            await self._execute(statements.BEGIN_WINDOWS, subjects, periods, starts)
            return await self.take(holder, owner, quota, at, needed=needed, wanted=wanted)
        refusal = reached(windows, taken, needed)
        return refusal if refusal and not number else Grant(lease_id, number)

    async def give_back(self, lease_ids: Collection[int]) -> None:
        """What was not used of these; nothing may be under way with them."""
        await self._execute(statements.GIVE_BACK, list(lease_ids))

    async def give_back_of_dead(self) -> None:
        await self._execute(statements.GIVE_BACK_OF_DEAD, DEAD_AFTER_SECONDS)

    async def sign_off(self, holder: str) -> None:
        """Ends the connection too."""
        await self._execute(statements.SIGN_OFF, holder)
        await self._database.close()

    async def _execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        async with self._turn:
            # Done twice because an answer was lost, a take only leaves more to give back.
            return await self._database.look_up(statement, *values)


def _columns(windows: Collection[Window]) -> tuple[list[str], list[str], list[datetime]]:
    return (
        [window.subject for window in windows],
        [window.period for window in windows],
        [window.starts_at for window in windows],
    )
