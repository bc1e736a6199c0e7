"""Notes when each sender address last submitted, and writes that down now and then."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from django.db import Error

from smtp_gateway.bridge import Bridge

FLUSH_SECONDS = 3.0

log = logging.getLogger(__name__)


class LastUse:
    """Collects in memory; a crash loses seconds of a display, never mail."""

    def __init__(self, record_use: Callable[[dict[str, datetime]], None], bridge: Bridge) -> None:
        self._record = record_use
        self._bridge = bridge
        self._used: dict[str, datetime] = {}

    def note(self, address: str, at: datetime) -> None:
        self._used[address] = at

    async def flush_forever(self) -> None:
        """Until cancelled; what is left then is for the last `flush`."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Writes down what was noted; with the database away it is kept for the next time."""
        if not self._used:
            return
        used, self._used = self._used, {}
        try:
            await self._bridge.database(self._record, used)
        except Error:
            self._used = used | self._used
            log.warning("last_use.not_recorded", extra={"senders": len(used)})
