"""What it looks like when the database is away, and waiting for it to come back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError

R = TypeVar("R")

AWAY = (OperationalError, InterfaceError)
_FIRST_SECONDS, _LONGEST_SECONDS = 0.2, 2.0

log = logging.getLogger(__name__)


async def insist(work: Callable[[], Awaitable[R]]) -> R:
    """Does `work` as soon as the database is there; work that changes things must bear a repeat."""
    seconds = _FIRST_SECONDS
    while True:
        try:
            return await work()
        except AWAY as error:
            log.warning("relay.database_away", extra={"error": str(error).strip()})
        await asyncio.sleep(seconds)
        seconds = min(seconds * 2, _LONGEST_SECONDS)
