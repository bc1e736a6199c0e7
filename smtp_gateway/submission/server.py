"""The listening submission server: accepts, and stops without losing what is under way."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Sequence
from types import TracebackType

from smtp_gateway.submission.accepting import Acceptor
from smtp_gateway.submission.connection import Connection
from smtp_gateway.submission.listening import (
    BACKLOG,
    Listener,
    PortTaken,
    close_sockets,
    open_sockets,
)
from smtp_gateway.submission.protocol import SubmissionProtocol
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.sweeper import sweep_forever

_LAST_WORDS_SECONDS = 0.2

log = logging.getLogger(__name__)


class SubmissionServer:
    """Use as an async context: inside it is open, on leaving it drains.

    `sockets`: for each listener what is open already, where several processes share its port.
    `make_protocol`: for sessions that are no submission.
    """

    def __init__(
        self,
        services: Services,
        listeners: Sequence[Listener],
        sockets: Sequence[Sequence[socket.socket]] = (),
        make_protocol: Callable[[], Connection] | None = None,
    ) -> None:
        self._services = services
        self._listeners = listeners
        self._sockets = sockets
        self._servers: list[asyncio.Server | Acceptor] = []
        self._ports: list[int] = []
        self._make_protocol = make_protocol or (lambda: SubmissionProtocol(services))
        self._background = services.everything_in_background()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "SubmissionServer":
        opened = self._sockets or self._open_sockets()
        self._ports = [sockets[0].getsockname()[1] for sockets in opened]
        for listener, sockets in zip(self._listeners, opened, strict=True):
            for each in sockets:
                self._servers.append(await self._listen(listener, each))
        self._tasks = [
            asyncio.create_task(sweep_forever(self._services)),
            *(asyncio.create_task(each.flush_forever()) for each in self._background),
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop_listening()
        await self._drain()
        await self._services.close()
        await self._flush_for_the_last_time()

    @property
    def ports(self) -> list[int]:
        """The ports it listens on, in the order of the listeners."""
        return self._ports

    def _open_sockets(self) -> list[list[socket.socket]]:
        opened: list[list[socket.socket]] = []
        try:
            for listener in self._listeners:
                opened += open_sockets(listener)
        except PortTaken:
            close_sockets(opened)
            raise
        return opened

    async def _listen(self, listener: Listener, opened: socket.socket) -> asyncio.Server | Acceptor:
        tls = self._services.tls_context if listener.implicit_tls else None
        if tls or self._services.config.proxies:
            return Acceptor(opened, self._services, tls, self._make_protocol)
        return await asyncio.get_running_loop().create_server(
            self._make_protocol, sock=opened, backlog=BACKLOG
        )

    def _stop_listening(self) -> None:
        for server in self._servers:
            server.close()

    async def _drain(self) -> None:
        self._services.is_draining = True
        for connection in list(self._services.connections):
            connection.drain()
        await self._sessions_end(self._services.config.drain_timeout.total_seconds())
        unfinished = list(self._services.connections)
        for connection in unfinished:
            connection.stop_waiting()
        await self._sessions_end(_LAST_WORDS_SECONDS)
        for connection in list(self._services.connections):
            connection.abort()
        log.info("gateway.drained", extra={"unfinished": len(unfinished)})

    async def _flush_for_the_last_time(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(each.flush() for each in self._background))

    async def _sessions_end(self, seconds: float) -> None:
        if self._services.connections:
            self._services.all_gone.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._services.all_gone.wait(), seconds)
