"""Runs a conversation in the calling thread, and hands on each line as it is said."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import TypeVar

from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.wire import make_wire
from smtp_gateway.routes.trial.dialogue import Listener, Said

Result = TypeVar("Result")
Talk = Callable[[Listener], Awaitable[Result]]
"""Opens its connections in the current context, so that they are listened to."""


def as_it_happens(talk: Talk[Result], hop: NextHop) -> Generator[Said | Result]:
    """What is said, as it is said, and last the result. What is secret about `hop` is not shown."""
    loop, lines = asyncio.new_event_loop(), _lines(talk, hop)
    try:
        while True:
            try:
                line = loop.run_until_complete(anext(lines))
            except StopAsyncIteration:
                return
            yield line
    finally:
        # Also where whoever looked on has gone away in the middle.
        loop.run_until_complete(lines.aclose())
        # A transport closes its socket in the round after.
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


async def _lines(talk: Talk[Result], hop: NextHop) -> AsyncGenerator[Said | Result]:
    told: asyncio.Queue[Said | None] = asyncio.Queue()
    running = asyncio.create_task(_listened_to(talk, Listener(told.put_nowait, hop)))
    running.add_done_callback(lambda _: told.put_nowait(None))
    try:
        while (line := await told.get()) is not None:
            yield line
        yield running.result()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _listened_to(talk: Talk[Result], listener: Listener) -> Result:
    make_wire.set(listener.wire)
    return await talk(listener)
