"""Notes when and from where each SMTP credential was used, and writes that down now and then."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import Error

from smtp_gateway.bridge import Bridge

FLUSH_SECONDS = 3.0

log = logging.getLogger(__name__)


class Use(NamedTuple):
    """When, and the client's IP address."""

    at: datetime
    ip: str


Uses = Mapping[int, Use]
"""By the credential's id."""


class LastUse:
    """Collects in memory; a crash loses seconds of a display, never mail."""

    def __init__(self, record: Callable[[Uses, Uses], None], bridge: Bridge) -> None:
        self._record = record
        self._bridge = bridge
        self._used: dict[int, Use] = {}
        self._refused: dict[int, Use] = {}

    def note(self, credential_id: int, use: Use) -> None:
        """It submitted a mail."""
        self._used[credential_id] = use

    def note_refused(self, credential_id: int, use: Use) -> None:
        """Its password was tried after its end."""
        self._refused[credential_id] = use

    async def flush_forever(self) -> None:
        """Until cancelled; what is left then is for the last `flush`."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Writes down what was noted; with the database away it is kept for the next time."""
        if not self._used and not self._refused:
            return
        used, self._used = self._used, {}
        refused, self._refused = self._refused, {}
        try:
            await self._bridge.database(self._record, used, refused)
        except Error:
            self._used = used | self._used
            self._refused = refused | self._refused
            facts = {"credentials": len(used), "refused": len(refused)}
            log.warning("last_use.not_recorded", extra=facts)
