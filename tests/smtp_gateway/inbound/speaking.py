"""A real inbound server in the test's loop, and what is said to it."""

import asyncio
import contextlib
import dataclasses
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, timedelta
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.utils import timezone

from smtp_gateway.bridge import Bridge
from smtp_gateway.inbound.protocol import InboundProtocol
from smtp_gateway.inbound.services import InboundServices
from smtp_gateway.inbound.wiring import build_inbound
from smtp_gateway.management.commands.run_gateway import build_services
from smtp_gateway.models import ReturnedMail
from smtp_gateway.return_path.address import return_path
from smtp_gateway.return_path.token import derive_keys
from smtp_gateway.submission.admission import Admission
from smtp_gateway.submission.listening import Listener
from smtp_gateway.submission.server import SubmissionServer
from smtp_gateway.submission.shared_counts import SharedCounts
from tests.senders.domains.factories import make_domain
from tests.smtp_gateway.submission.talking import Client, Line, as_data

HOST = "bounces.example.com"
BOUNCE = (
    b"From: MAILER-DAEMON@mx.example.net\r\nSubject: Undelivered Mail\r\n\r\n"
    b"<to@example.net>: 550 5.1.1 user unknown\r\n"
)
R = TypeVar("R")


def today() -> date:
    return timezone.now().astimezone(UTC).date()


def address_of(delivery_id: int, *, days_ago: int = 0, host: str = HOST, secret: str = "") -> str:
    """The return path that a delivery got so many days ago."""
    (key,) = derive_keys([secret or settings.SECRET_KEY])
    return return_path(delivery_id, host, today=today() - timedelta(days=days_ago), key=key)


@dataclasses.dataclass
class Inbound:
    """What a test has of the server."""

    services: InboundServices
    server: SubmissionServer
    bridge: Bridge

    def configure(self, **values: object) -> None:
        """Other limits for the sessions that come."""
        self.services.config = dataclasses.replace(self.services.config, **values)  # type: ignore[arg-type]

    @contextlib.asynccontextmanager
    async def connect(self) -> AsyncIterator[Client]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.ports[0])
        client = Client(reader, writer)
        assert (await client.reply()).startswith("220 ")
        try:
            yield client
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def talk(self, lines: Sequence[Line]) -> list[str]:
        """One dialogue on a fresh connection, behind EHLO."""
        async with self.connect() as client:
            return (await client.talk(["EHLO mx.example.net", *lines]))[1:]

    async def bring(self, to: str, content: bytes = BOUNCE, mail_from: str = "") -> str:
        """The reply to the final dot of one mail, or to its recipient where that is refused."""
        async with self.connect() as client:
            lines: list[Line] = ["EHLO mx.example.net", f"MAIL FROM:<{mail_from}>"]
            (*_, reply) = await client.talk([*lines, f"RCPT TO:<{to}>"])
            if reply.startswith("250 "):
                (_, reply) = await client.talk(["DATA", as_data(content)])
            return reply

    async def database(self, work: Callable[[], R]) -> R:
        return await self.bridge.database(work)

    async def kept(self) -> list[ReturnedMail]:
        return await self.database(lambda: list(ReturnedMail.objects.order_by("id")))


@contextlib.asynccontextmanager
async def running_inbound(tls_context: ssl.SSLContext) -> AsyncIterator[Inbound]:
    """With the return-path host of example.com."""
    bridge = Bridge()
    await bridge.database(make_domain, "example.com", state="verified")
    services = build_inbound(
        build_services(bridge, tls_context), bridge, Admission(SharedCounts().row(0))
    )
    await services.watch.flush()
    server = SubmissionServer(
        services,
        [Listener("127.0.0.1", 0, "INBOUND_PORT", is_inbound=True)],
        make_protocol=partial(InboundProtocol, services),
    )
    async with server:
        yield Inbound(services, server, bridge)
    bridge.close()
