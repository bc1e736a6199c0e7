"""A web server for MTA-STS policies that answers as a test says."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Web:
    """What it serves, and what it was asked for."""

    tls: ssl.SSLContext
    address: str = "127.0.44.3"
    port: int = 0
    pages: dict[str, bytes] = field(default_factory=dict)
    """Whole answers by host; a host that is not there gets 404."""
    is_silent: bool = False
    """Takes requests and answers none."""
    requests: list[str] = field(default_factory=list)
    connections: int = 0

    def publish(self, host: str, body: str, **headers: str) -> None:
        """A good answer; `headers` in place of the usual ones, `_` for `-`."""
        usual = {"Content_Type": "text/plain", "Content_Length": str(len(body.encode()))}
        lines = [
            f"{name.replace('_', '-')}: {value}" for name, value in {**usual, **headers}.items()
        ]
        head = "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""])
        self.pages[host] = (head + body).encode()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Web"]:
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if (task := asyncio.current_task()) is not None:
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            self.connections += 1
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._answer(reader, writer)
            writer.close()

        server = await asyncio.start_server(serve, self.address, self.port, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.requests.append(head)
        if self.is_silent:
            await asyncio.Event().wait()
        lines = [line.partition(": ") for line in head.split("\r\n")]
        host = next(value for name, _, value in lines if name == "Host").partition(":")[0]
        missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        writer.write(self.pages.get(host, missing))
        await writer.drain()
