"""Keeps the relay's rules up to date while policies change."""

import asyncio
import logging
import time
from typing import NoReturn

from smtp_gateway.bridge import DATABASE_AWAY, Bridge
from smtp_gateway.delivery_rules.loading import load_rules
from smtp_gateway.delivery_rules.rules import DeliveryRules
from smtp_gateway.relay.database import insist
from smtp_gateway.relay.retry import Ladder

_PART_OF_TIME = 20

log = logging.getLogger(__name__)


class RulesWatch:
    """The rules as they are now; a change is known within `look_seconds` and a moment."""

    def __init__(self, bridge: Bridge, first: DeliveryRules, *, look_seconds: float = 2.0) -> None:
        self._bridge, self._look_seconds = bridge, look_seconds
        self.rules = first
        self.ladders: dict[str, Ladder] = dict(first.ladders)
        """As the rules have them, in one mapping that stays."""

    @classmethod
    async def begin(cls, bridge: Bridge) -> "RulesWatch":
        """Waits for the database."""
        return cls(bridge, await insist(lambda: bridge.database(load_rules)))

    async def run(self) -> NoReturn:
        """Looks for changes for ever; with the database away, what was known stays."""
        seconds = self._look_seconds
        while True:
            await asyncio.sleep(seconds)
            began = time.monotonic()
            try:
                self.rules = await self._bridge.database(load_rules, self.rules.paces)
                self.ladders.update(self.rules.ladders)
            except DATABASE_AWAY as error:
                log.debug("rules.database_away", extra={"error": str(error).strip()})
            # With many thousand addresses it is not to take more than a small part of the time.
            seconds = max(self._look_seconds, _PART_OF_TIME * (time.monotonic() - began))
