"""A bound on the bytes of mail that lie in memory at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class ByteBudget:
    """Lends bytes in the order of asking; what is larger than all of them goes alone."""

    def __init__(self, total_bytes: int) -> None:
        self._total = self._free = total_bytes
        self._freed = asyncio.Condition()
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def hold(self, size_bytes: int) -> AsyncIterator[None]:
        """Waits for room of that size and keeps it."""
        size = min(size_bytes, self._total)
        # One waits for room at a time, so that small mails cannot starve a large one.
        async with self._turn, self._freed:
            await self._freed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            self._free += size
            async with self._freed:
                self._freed.notify_all()
