"""Looks at what has arrived in a socket before there is a transport, and leaves it there."""

import asyncio
import socket


async def peek(accepted: socket.socket, size_bytes: int) -> bytes:
    """What is there as soon as anything is, `size_bytes` at most; empty: its end. Raises OSError.

    Of a non-blocking socket, which nobody else reads.
    """
    loop = asyncio.get_running_loop()
    arrived = loop.create_future()
    loop.add_reader(accepted, _wake, arrived)
    try:
        await arrived
    finally:
        loop.remove_reader(accepted)
    return accepted.recv(size_bytes, socket.MSG_PEEK)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
