"""A small SMTP client for measurements: it says what it is told and takes the time."""

import asyncio
import base64
import resource
import ssl
import time
from collections.abc import Sequence

from bench.server import PASSWORD, USER, BenchServer

_SECONDS = 120


class Client:
    """One connection. Every step has a time limit."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, server: BenchServer, *, tls: bool = False) -> "Client":
        port, context = (server.tls_port, _blind()) if tls else (server.port, None)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        client = cls(reader, writer)
        await client.expect("220")
        await client.say("EHLO bench.example", "250")
        return client

    async def log_in(self, user: str = USER, password: str = PASSWORD, code: str = "235") -> None:
        response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        await self.say(f"AUTH PLAIN {response}", code)

    async def say(self, line: str, code: str) -> float:
        """Seconds until the reply, which must be `code`."""
        started = time.perf_counter()
        self._writer.write(f"{line}\r\n".encode())
        await self.expect(code)
        return time.perf_counter() - started

    async def send(self, mail: bytes, sender: str = USER) -> float:
        """Seconds from the end of the data to the reply; `mail` is in its dotted form."""
        await self.say(f"MAIL FROM:<{sender}>", "250")
        await self.say("RCPT TO:<rcpt@example.org>", "250")
        await self.say("DATA", "354")
        self._writer.write(mail)
        async with asyncio.timeout(_SECONDS):
            await self._writer.drain()
        started = time.perf_counter()
        self._writer.write(b".\r\n")
        await self.expect("250")
        return time.perf_counter() - started

    async def expect(self, code: str) -> None:
        """The next reply. Raises RuntimeError where it is another one."""
        async with asyncio.timeout(_SECONDS):
            while (line := await self._reader.readline())[3:4] == b"-":
                pass
        if not line.startswith(code.encode()):
            raise RuntimeError(f"{code} expected: {line!r}")

    def close(self) -> None:
        self._writer.transport.abort()


def make_mail(size_bytes: int) -> bytes:
    """A mail of about that size, with no line that begins with a dot."""
    head = f"From: {USER}\r\nTo: rcpt@example.org\r\nSubject: Bench\r\n\r\n".encode()
    line = b"0123456789abcdef" * 4 + b"\r\n"
    return head + line * max(1, (size_bytes - len(head)) // len(line))


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def allow_many_connections() -> None:
    """As many open files as the system lets this process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _blind() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
