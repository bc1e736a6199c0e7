"""A real gateway in the test's loop, and a client that speaks dialogues to it."""

import asyncio
import base64
import contextlib
import dataclasses
import secrets
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.utils import timezone

from senders import services as sender_services
from senders.models import SenderAddress
from smtp_gateway.bridge import Bridge
from smtp_gateway.management.commands.run_gateway import build_services
from smtp_gateway.models import Message
from smtp_gateway.submission.listening import Listener
from smtp_gateway.submission.log_in_budget import HOME_SECONDS, LogInBudget
from smtp_gateway.submission.server import SubmissionServer
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.shared_failures import SharedFailures

APP = "app@shop.example"
PASSWORD = "GoodPass12"
MAIL = (
    "From: App <app@shop.example>\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n"
    "Message-ID: <1@shop.example>\r\nTo: ann@home.example\r\nSubject: Hello\r\n\r\nHi Ann\r\n"
)
# Far more than what is meant to happen at once takes on a busy machine.
SOON_SECONDS = 10.0
R = TypeVar("R")

Line = str | bytes


def make_sender(
    address: str = APP, *, password: str = PASSWORD, mail_type: str = "trigger"
) -> SenderAddress:
    sender = sender_services.create_sender_address(
        address=address, mail_type=mail_type, now=timezone.now()
    )
    if password:
        sender_services.set_smtp_password(sender, password=password)
    return sender


def plain(user: str = APP, password: str = PASSWORD, authorization: str = "") -> str:
    """The response of AUTH PLAIN."""
    return b64(f"{authorization}\0{user}\0{password}")


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def as_data(message: str | bytes) -> bytes:
    """`message` as it goes over the wire after 354, dots doubled, with the end of data."""
    content = message if isinstance(message, bytes) else message.encode()
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


@dataclasses.dataclass
class Client:
    """Speaks SMTP by the letter."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def reply(self) -> str:
        """The next reply, its lines joined by a line feed; empty: the server closed."""
        lines = []
        async with asyncio.timeout(10):
            while line := await self.reader.readline():
                lines.append(line.decode().removesuffix("\r\n"))
                if line[3:4] == b" ":
                    break
        return "\n".join(lines)

    def send(self, line: Line) -> None:
        """A str gets its CR LF; bytes go as they are."""
        self.writer.write(line if isinstance(line, bytes) else f"{line}\r\n".encode())

    async def talk(self, lines: Sequence[Line]) -> list[str]:
        """One reply for each line."""
        replies = []
        for line in lines:
            self.send(line)
            replies.append(await self.reply())
        return replies

    async def start_tls(self) -> None:
        await self.writer.start_tls(insecure_context())

    async def log_in(self, user: str = APP, password: str = PASSWORD) -> None:
        replies = await self.talk(["EHLO client.example", f"AUTH PLAIN {plain(user, password)}"])
        assert replies[1] == "235 2.7.0 Authentication successful"


@dataclasses.dataclass
class Gateway:
    """What a test has of the server."""

    services: Services
    server: SubmissionServer
    bridge: Bridge

    @property
    def port(self) -> int:
        return self.server.ports[0]

    def configure(self, **settings: object) -> None:
        """Other limits for the sessions that come."""
        self.services.config = dataclasses.replace(self.services.config, **settings)  # type: ignore[arg-type]

    @contextlib.asynccontextmanager
    async def connect(self, *, tls: bool = False) -> AsyncIterator[Client]:
        context = insecure_context() if tls else None
        port = self.server.ports[1 if tls else 0]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        client = Client(reader, writer)
        assert await client.reply() == "220 mail.directmail.test ESMTP DirectMail"
        try:
            yield client
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    @contextlib.asynccontextmanager
    async def session(self, user: str = APP, password: str = PASSWORD) -> AsyncIterator[Client]:
        """A client that is logged in."""
        async with self.connect(tls=True) as client:
            await client.log_in(user, password)
            yield client

    async def talk(self, lines: Sequence[Line], *, log_in: bool = True) -> list[str]:
        """One dialogue on a fresh connection, logged in under TLS unless said otherwise."""
        async with self.session() if log_in else self.connect() as client:
            return await client.talk(lines)

    async def submit(self, message: str | bytes = MAIL, recipient: str = "ann@home.example") -> str:
        """The reply to the final dot of one mail."""
        lines: list[Line] = [f"MAIL FROM:<{APP}>", f"RCPT TO:<{recipient}>", "DATA"]
        return (await self.talk([*lines, as_data(message)]))[-1]

    async def database(self, work: Callable[[], R]) -> R:
        return await self.bridge.database(work)

    async def messages(self) -> list[Message]:
        """What was accepted, in order, with content."""
        return await self.database(
            lambda: list(Message.objects.select_related("content").order_by("id"))
        )

    async def no_connections(self) -> bool:
        """Whether every session has ended."""
        return not self.services.connections

    async def bodies(self) -> list[bytes]:
        """What would be relayed."""
        return [bytes(message.content.body) for message in await self.messages()]


def insecure_context() -> ssl.SSLContext:
    """Encrypts without asking who is there: the certificate is its own issuer."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@contextlib.asynccontextmanager
async def run_gateway(tls_context: ssl.SSLContext) -> AsyncIterator[Gateway]:
    bridge = Bridge()
    services = build_services(bridge, tls_context)
    # Each gateway begins with nobody's failures.
    services.authentication.budget = LogInBudget(
        SharedFailures(
            settings.REDIS_URL,
            home_seconds=HOME_SECONDS,
            prefix=f"test:{secrets.token_hex(8)}:",
        )
    )
    listeners = [
        Listener("127.0.0.1", 0, "SMTP_PORT"),
        Listener("127.0.0.1", 0, "SMTPS_PORT", implicit_tls=True),
    ]
    try:
        async with SubmissionServer(services, listeners) as server:
            yield Gateway(services, server, bridge)
    finally:
        bridge.close()


async def eventually(condition: Callable[[], Awaitable[R]], seconds: float = 5.0) -> R:
    """The first true result of `condition`."""
    async with asyncio.timeout(seconds):
        # The pause between two looks, not a wait for a result.
        while not (result := await condition()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return result


def certificate_files(directory: Path) -> tuple[Path, Path]:
    return directory / "cert.pem", directory / "key.pem"
