"""A scripted next hop beside a test that has no event loop of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from tests.smtp_gateway.relay.next_hop import ScriptedHop


@contextmanager
def served(hop: ScriptedHop) -> Iterator[ScriptedHop]:
    """`hop`, running in a thread."""
    ready = Event()
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        stopping = asyncio.Event()
        loops.append((asyncio.get_running_loop(), stopping))
        async with hop.running():
            ready.set()
            await stopping.wait()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield hop
    finally:
        loop, stopping = loops[0]
        loop.call_soon_threadsafe(stopping.set)
        thread.join(10)
