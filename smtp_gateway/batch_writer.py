"""Writes records into the database in batches beside the event loop: soon, never at mail's cost.

`put` costs an append. What waits is bounded: with the database away for long the oldest is dropped.
Only for what an installation can lose; mail goes through the intake.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import DataError, IntegrityError

from smtp_gateway.bridge import DATABASE_AWAY, Bridge

FLUSH_SECONDS = 2.0
_BATCH = 200

log = logging.getLogger(__name__)

Record = TypeVar("Record")


class BatchWriter(Generic[Record]):
    """`write` blocks and runs on the bridge; it writes all of its records or, raising, none.

    `name` is what log lines call it. Put it into `Services.background`, and the server runs it.
    """

    def __init__(
        self,
        name: str,
        write: Callable[[Sequence[Record]], None],
        bridge: Bridge,
        *,
        max_waiting: int = 1000,
    ) -> None:
        self._name, self._write, self._bridge = name, write, bridge
        self._waiting: deque[Record] = deque()
        self._max_waiting = max_waiting
        self._dropped = 0
        self._flushing = asyncio.Lock()

    def put(self, record: Record) -> None:
        """Has it written with the next batch."""
        self._waiting.append(record)
        if len(self._waiting) > self._max_waiting:
            self._waiting.popleft()
            self._dropped += 1

    async def flush_forever(self) -> None:
        """Until cancelled; what is left then is for the last `flush`."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Writes down what waits; with the database away it waits for the next time."""
        async with self._flushing:
            while self._waiting and await self._write_some():
                pass
            if self._dropped:
                log.warning("batch.dropped", extra={"of": self._name, "count": self._dropped})
                self._dropped = 0

    async def _write_some(self) -> bool:
        batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
        try:
            await self._bridge.database(self._write, batch)
        except DATABASE_AWAY:
            self._put_back(batch)
            return False
        except (DataError, IntegrityError, ValueError):
            await self._write_each(batch)
        except Exception:  # the task's edge: the next batch may be written all the same
            log.exception("batch.fault", extra={"of": self._name, "count": len(batch)})
        return True

    async def _write_each(self, batch: Sequence[Record]) -> None:
        """One by one: what the database refuses of one must not take the others with it."""
        for record in batch:
            try:
                await self._bridge.database(self._write, [record])
            except Exception as error:  # noqa: BLE001 - as above; its text may show what was said
                facts = {"of": self._name, "error": type(error).__name__}
                log.error("batch.refused", extra=facts)  # noqa: TRY400

    def _put_back(self, batch: Sequence[Record]) -> None:
        room = max(0, self._max_waiting - len(self._waiting))
        kept = batch[len(batch) - room :] if room < len(batch) else batch
        self._dropped += len(batch) - len(kept)
        self._waiting.extendleft(reversed(kept))
