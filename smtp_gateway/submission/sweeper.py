"""Looks at all connections now and then, so that none needs a timer of its own."""

import asyncio

from smtp_gateway.submission.services import Services

_SECONDS = 0.25


async def sweep_forever(services: Services) -> None:
    """Ends sessions whose client takes too long, a moment late at most. Until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_SECONDS)
        now = loop.time()
        for connection in list(services.connections):
            connection.look_at_clock(now)
