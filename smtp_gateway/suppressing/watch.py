"""Who is suppressed, in the memory of one process: loaded once, then told what changed.

Memory only ever says "certainly not" or "ask": what it finds is asked from the database before
anybody is refused. Where it has not been told anything for some seconds, at the start or with the
database away, everything is asked, so that no mail gets through because nobody knew.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import Error

from smtp_gateway import directory
from smtp_gateway.identity import Sender
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.submission.suppression import Answer, Suppressed
from smtp_gateway.suppressing.known_keys import KnownKeys

_LOOK_SECONDS = 1.0
_FRESH_SECONDS = 5.0
_PAGE = 250_000
# Beside the list a number takes ten times the memory.
_MANY_CHANGES = 20_000
_RELOAD_SECONDS = 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    sender_address: str
    mail_type: str
    recipient: str
    answer: asyncio.Future[Suppressed | None]


class SuppressionWatch:
    """What sessions and relays ask. Run `flush_forever` beside them; it ends with `flush`."""

    def __init__(
        self,
        database: LoopDatabase,
        *,
        look_seconds: float = _LOOK_SECONDS,
        many_changes: int = _MANY_CHANGES,
    ) -> None:
        """`many_changes`: with so many rows at once the list is loaded anew."""
        self._database, self._look_seconds = database, look_seconds
        self._many_changes = many_changes
        self._keys = KnownKeys()
        self._snapshot: str | None = None
        self._looked_at = self._loaded_at = float("-inf")
        self._asked: list[_Asked] = []
        self._asker: asyncio.Task[None] | None = None
        self._one_statement = asyncio.Lock()

    @property
    def knows(self) -> bool:
        """Whether memory can say that somebody is not suppressed."""
        return asyncio.get_running_loop().time() - self._looked_at <= _FRESH_SECONDS

    def __call__(self, sender: Sender, recipient: str) -> Answer:
        return self.look_up(sender.address, sender.mail_type, recipient)

    def look_up(self, sender_address: str, mail_type: str, recipient: str) -> Answer:
        """None: not suppressed; else a question to wait for. Never answers from memory alone."""
        if not self.knows:
            return self.ask(sender_address, mail_type, recipient)
        if self._keys.is_empty:
            return None
        recipients = directory.recipient_keys(recipient)
        if not self._keys.has_any(recipients, directory.scope_keys(sender_address, mail_type)):
            return None
        return self.ask(sender_address, mail_type, recipient)

    async def ask(self, sender_address: str, mail_type: str, recipient: str) -> Suppressed | None:
        """As of now; what is asked at the same time is one statement. Raises Django's errors."""
        answer: asyncio.Future[Suppressed | None] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(sender_address, mail_type, recipient, answer))
        if self._asker is None:
            self._asker = asyncio.create_task(self._answer_all())
        return await answer

    async def flush_forever(self) -> None:
        """Learns what changes, for ever; with the database away it tries again."""
        is_away = False
        while True:
            try:
                await self.look()
                is_away = False
            except Error as error:
                level = logging.DEBUG if is_away else logging.WARNING
                log.log(level, "suppressions.database_away", extra={"error": str(error).strip()})
                is_away = True
            await asyncio.sleep(self._look_seconds)

    async def look(self) -> None:
        """Learns once what changed; the first time it is everything. Raises Django's errors."""
        began = asyncio.get_running_loop().time()
        if self._snapshot is None:
            await self._load(began)
        else:
            await self._learn(began, self._snapshot)
        self._looked_at = began

    async def flush(self) -> None:
        """Nobody asks any more."""
        await self._database.close()

    async def _load(self, began: float) -> None:
        # What is committed while pages are read is among the changes of the next look.
        async with self._one_statement:
            begun = await directory.suppression_changes_on(self._database, None, most=0)
        pages: list[bytes] = []
        after: int | None = None
        while after is not None or not pages:
            async with self._one_statement:
                page, after = await directory.suppressed_keys_on(self._database, after, _PAGE)
            pages.append(page)
        self._keys, self._snapshot = KnownKeys(pages), begun.snapshot
        self._loaded_at = began
        log.info("suppressions.loaded", extra={"count": len(self._keys)})

    async def _learn(self, began: float, since: str) -> None:
        async with self._one_statement:
            changes = await directory.suppression_changes_on(
                self._database, since, most=self._many_changes
            )
        if changes.count >= self._many_changes or changes.is_of_another:
            return await self._load(began)
        self._keys.change(added=changes.added, removed=changes.removed)
        self._snapshot = changes.snapshot
        is_due = began - self._loaded_at > _RELOAD_SECONDS
        if self._keys.changes > self._many_changes and is_due:
            await self._load(began)
        return None

    async def _answer_all(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, []
                await self._answer(asked)
        finally:
            self._asker = None

    async def _answer(self, asked: Sequence[_Asked]) -> None:
        try:
            async with self._one_statement:
                found = await directory.find_suppressions_on(
                    self._database,
                    [(each.sender_address, each.mail_type, each.recipient) for each in asked],
                )
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait, not to this task
            for each in asked:
                if not each.answer.done():
                    each.answer.set_exception(error)
                    each.answer.exception()  # seen, even where the one who asked has gone
            return
        for each, suppressed in zip(asked, found, strict=True):
            if not each.answer.done():
                each.answer.set_result(suppressed)
