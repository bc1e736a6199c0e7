"""Keeps the relay's routing up to date while routes and the states of domains change."""

import asyncio
import logging
from typing import NoReturn

from smtp_gateway.bridge import DATABASE_AWAY, Bridge
from smtp_gateway.relay.database import insist
from smtp_gateway.relay.routing import Routing
from smtp_gateway.routes.loading import Version, load_routing, routing_version

log = logging.getLogger(__name__)


class RoutingWatch:
    """The routing as it is now. A change is known within `look_seconds` and a moment.

    Another value means that something changed: compare `current()` by identity.
    """

    def __init__(self, bridge: Bridge, *, look_seconds: float = 1.0) -> None:
        self._bridge, self._look_seconds = bridge, look_seconds
        self._version: Version | None = None
        self._routing: Routing | None = None
        self._loading = asyncio.Lock()

    async def current(self) -> Routing:
        """Waits for the database the first time, and for nothing later. Raises InvalidRelayUrl."""
        if (known := self._routing) is not None:
            return known
        async with self._loading:
            known = self._routing
            return await insist(self._load) if known is None else known

    async def run(self) -> NoReturn:
        """Looks for changes for ever; with the database away, what was known stays."""
        await self.current()
        while True:
            await asyncio.sleep(self._look_seconds)
            try:
                if await self._bridge.database(routing_version) != self._version:
                    await self._load()
            except DATABASE_AWAY as error:
                log.debug("routing.database_away", extra={"error": str(error).strip()})

    async def _load(self) -> Routing:
        # The version first: a change between the two is seen at the next look.
        version = await self._bridge.database(routing_version)
        routing = await self._bridge.database(load_routing)
        is_first, self._version, self._routing = self._routing is None, version, routing
        log.info(
            "routing.loaded" if is_first else "routing.changed",
            extra={"routes": ", ".join(spec.name for spec in routing.routes)},
        )
        return routing
