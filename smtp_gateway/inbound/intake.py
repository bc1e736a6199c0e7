"""Makes mail that came back durable: one writer per process, which takes all that waits at once.

Who waits hears True only when the mail is committed for each of its addresses.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from smtp_gateway.bridge import DATABASE_AWAY
from smtp_gateway.inbound.door import Entry
from smtp_gateway.loop_database import LoopDatabase

_MOST_BYTES = 8 * 1024 * 1024
_INSERT = """
INSERT INTO smtp_gateway_returnedmail (
    received_at, raw, size_bytes, mail_from, to_address, client_ip, session_id, delivery_id)
SELECT received_at, raw, length(raw), mail_from, to_address, client_ip::inet, session_id,
       delivery_id
FROM unnest($1::timestamptz[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[],
            $7::bigint[])
     AS t(received_at, raw, mail_from, to_address, client_ip, session_id, delivery_id)
"""

log = logging.getLogger(__name__)

Done = Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail that came back, with the addresses that it came to."""

    received_at: datetime
    content: bytes
    mail_from: str
    entries: Sequence[Entry]
    client_ip: str
    session_id: str


class ReturnIntake:
    """The one writer. Close it only when nobody hands in any more."""

    def __init__(self, database: LoopDatabase) -> None:
        self._database = database
        self._waiting: deque[tuple[Returned, Done]] = deque()
        self._writer: asyncio.Task[None] | None = None

    def hand_in(self, returned: Returned, done: Done) -> None:
        """Calls `done` later: True where it is durable. False: it may be sent again."""
        self._waiting.append((returned, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def close(self) -> None:
        """Waits until everything handed in is committed or refused."""
        if self._writer is not None:
            await self._writer
        await self._database.close()

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch = self._next_batch()
                is_kept = await self._keep([returned for returned, _ in batch])
                for _, done in batch:
                    _tell(done, is_kept=is_kept)
        finally:
            self._writer = None

    def _next_batch(self) -> list[tuple[Returned, Done]]:
        batch: list[tuple[Returned, Done]] = []
        size_bytes = 0
        while self._waiting:
            first = self._waiting[0][0]
            size_bytes += len(first.content) * len(first.entries)
            if batch and size_bytes > _MOST_BYTES:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _keep(self, batch: Sequence[Returned]) -> bool:
        rows = [
            (
                each.received_at, each.content, each.mail_from, entry.address, each.client_ip,
                each.session_id, entry.delivery_id,
            )
            for each in batch for entry in each.entries
        ]  # fmt: skip
        try:
            await self._database.execute(_INSERT, *map(list, zip(*rows, strict=True)))
        except DATABASE_AWAY as error:
            log.error("database.away", extra={"error": repr(error)})  # noqa: TRY400
            return False
        except Exception:  # the writer's edge: those who wait must hear of it
            log.exception("intake.fault", extra={"mails": len(batch)})
            return False
        return True


def _tell(done: Done, *, is_kept: bool) -> None:
    try:
        done(is_kept)
    except Exception:  # one that waits must not stop the news for the others
        log.exception("intake.fault")
