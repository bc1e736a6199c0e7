"""Looks at all connections now and then, so that none needs a timer or a count of its own."""

import asyncio

from smtp_gateway.submission.services import Services

_SECONDS = 0.25


async def sweep_forever(services: Services) -> None:
    """Ends sessions whose client takes too long, a moment late at most. Until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_SECONDS)
        sweep(services, loop.time())


def sweep(services: Services, now: float) -> None:
    """One look at each. `now`: loop seconds."""
    lying_bytes = 0
    for connection in [*services.connections, *services.lingering]:
        lying_bytes += connection.lying_bytes
        connection.look_at_clock(now)
    services.buffered.lying = lying_bytes
    services.metrics.buffered_bytes = services.buffered.total
