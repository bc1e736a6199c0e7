"""What the server asks of the directory of sender addresses, and how it asks: together and fresh.

The directory is handed in, so that this package knows nothing of the console's tables.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from smtp_gateway.identity import Sender
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.submission.last_use import Uses

_REMEMBERED_SENDERS = 10_000


class Directory(Protocol):
    """What is no coroutine blocks, and runs on the bridge."""

    async def find_senders_on(
        self, database: LoopDatabase, addresses: Collection[str]
    ) -> dict[str, Sender]: ...

    def record_use(self, used: Uses, refused: Uses) -> None: ...

    def decoy_hash(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Known:
    sender: Sender | None
    since: float
    """Monotonic seconds before the database was asked."""


FindSenders = Callable[[LoopDatabase, Collection[str]], Awaitable[dict[str, Sender]]]


class Senders:
    """Sender addresses as the database has them, at most so old as the caller can bear.

    Questions that come while one is under way are asked together in the next.
    """

    def __init__(self, find_senders_on: FindSenders, database: LoopDatabase) -> None:
        self._find = find_senders_on
        self._database = database
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asked: dict[str, asyncio.Future[Sender | None]] = {}
        self._asker: asyncio.Task[None] | None = None

    async def fresh(self, address: str) -> Sender | None:
        """As of now. Raises what the database raises."""
        answer = self._asked.get(address)
        if answer is None:
            answer = self._asked[address] = asyncio.get_running_loop().create_future()
        if self._asker is None:
            self._asker = asyncio.create_task(self._ask())
        return await asyncio.shield(answer)

    def known(self, address: str, max_age_seconds: float) -> Sender | None:
        """Like `recent`, without asking anybody; None: unknown, or not known so freshly."""
        known = self._known.get(address)
        if known is None or time.monotonic() - known.since > max_age_seconds:
            return None
        return known.sender

    async def recent(self, address: str, max_age_seconds: float) -> Sender | None:
        """As of at most `max_age_seconds` ago. Raises what the database raises."""
        known = self._known.get(address)
        if known is not None and time.monotonic() - known.since <= max_age_seconds:
            return known.sender
        return await self.fresh(address)

    async def close(self) -> None:
        """Ends the connection to the database."""
        await self._database.close()

    async def _ask(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await self._answer(asked)
        finally:
            self._asker = None

    async def _answer(self, asked: dict[str, asyncio.Future[Sender | None]]) -> None:
        since = time.monotonic()
        try:
            found = await self._find(self._database, asked.keys())
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait, not to this task
            for answer in asked.values():
                answer.set_exception(error)
                answer.exception()  # seen, even where the one who asked has gone
            return
        for address, answer in asked.items():
            sender = found.get(address)
            self._remember(address, _Known(sender, since))
            answer.set_result(sender)

    def _remember(self, address: str, known: _Known) -> None:
        self._known[address] = known
        self._known.move_to_end(address)
        if len(self._known) > _REMEMBERED_SENDERS:
            self._known.popitem(last=False)
