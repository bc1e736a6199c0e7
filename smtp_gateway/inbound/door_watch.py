"""Keeps the door up to date while sender domains come and go."""

import asyncio
import logging
from collections.abc import Callable

from smtp_gateway.bridge import DATABASE_AWAY, Bridge
from smtp_gateway.inbound.door import Door

log = logging.getLogger(__name__)


class DoorWatch:
    """The door as it is now, a few seconds old at most; nobody is let in before it is known.

    `load` blocks. Part of the server's background work.
    """

    def __init__(
        self, bridge: Bridge, load: Callable[[], Door], first: Door, *, look_seconds: float = 3.0
    ) -> None:
        self._bridge, self._load, self._look_seconds = bridge, load, look_seconds
        self.door, self.is_known = first, False

    async def flush_forever(self) -> None:
        """Looks for changes until cancelled; with the database away, what was known stays."""
        while True:
            await self.flush()
            await asyncio.sleep(self._look_seconds)

    async def flush(self) -> None:
        """Looks once."""
        try:
            self.door = await self._bridge.database(self._load)
            self.is_known = True
        except DATABASE_AWAY as error:
            log.debug("door.database_away", extra={"error": str(error).strip()})
