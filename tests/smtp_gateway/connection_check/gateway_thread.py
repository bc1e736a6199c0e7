"""A real gateway beside a test that has no event loop of its own."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from tests.smtp_gateway.submission.talking import Gateway, run_gateway


@contextmanager
def served(tls_context: ssl.SSLContext) -> Iterator[Gateway]:
    """The gateway, running in a thread."""
    ready = Event()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, Gateway]] = []

    async def serve() -> None:
        stopping = asyncio.Event()
        async with run_gateway(tls_context) as gateway:
            running.append((asyncio.get_running_loop(), stopping, gateway))
            ready.set()
            await stopping.wait()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(60)
    loop, stopping, gateway = running[0]
    try:
        yield gateway
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(60)
