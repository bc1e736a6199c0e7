"""What the tests of limits share: connections that are told something first, time that passes."""

import asyncio
from datetime import timedelta

from smtp_gateway.submission.sweeper import sweep
from tests.smtp_gateway.submission.talking import (
    APP,
    Client,
    Gateway,
    insecure_context,
)

ENVELOPE = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "DATA"]


async def greeting(gateway: Gateway, *, tls: bool = False) -> tuple[str, Client]:
    context = insecure_context() if tls else None
    port = gateway.server.ports[1 if tls else 0]
    client = Client(*await asyncio.open_connection("127.0.0.1", port, ssl=context))
    return await client.reply(), client


async def ended(client: Client) -> bool:
    async with asyncio.timeout(5):
        return await client.reader.read() == b""


def later(gateway: Gateway, **passed: float) -> None:
    """Lets the sweeper look when so much time has passed."""
    now = asyncio.get_running_loop().time() + timedelta(**passed).total_seconds()
    sweep(gateway.services, now)


async def has_places(gateway: Gateway) -> bool:
    return gateway.services.admission._row.connections == 0


def reset(client: Client) -> None:
    client.writer.transport.abort()
