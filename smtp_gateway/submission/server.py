"""The listening submission server: opens the ports, and stops without losing what is under way."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from smtp_gateway.submission.protocol import SubmissionProtocol
from smtp_gateway.submission.services import Services

_BACKLOG = 1024
_DRAIN_SECONDS = 4.0
_LAST_WORDS_SECONDS = 0.2

log = logging.getLogger(__name__)


class PortTaken(Exception):
    """Cannot listen; the text is one sentence that names the setting to change."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where to listen. `setting` is what an operator changes to move it."""

    host: str
    port: int
    setting: str
    implicit_tls: bool = False


class SubmissionServer:
    """Use as an async context: inside it is open, on leaving it drains."""

    def __init__(self, services: Services, listeners: Sequence[Listener]) -> None:
        self._services = services
        self._listeners = listeners
        self._servers: list[asyncio.Server] = []
        self._background = (services.last_use, *services.background)
        self._flushers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "SubmissionServer":
        try:
            for listener in self._listeners:
                self._servers.append(await self._listen(listener))
        except PortTaken:
            self._stop_listening()
            raise
        self._flushers = [asyncio.create_task(each.flush_forever()) for each in self._background]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop_listening()
        await self._drain()
        await self._services.intake.close()
        await self._flush_for_the_last_time()

    @property
    def ports(self) -> list[int]:
        """The ports it listens on, in the order of the listeners."""
        return [server.sockets[0].getsockname()[1] for server in self._servers]

    async def _listen(self, listener: Listener) -> asyncio.Server:
        tls = self._services.tls_context if listener.implicit_tls else None
        seconds = self._services.config.handshake_timeout.total_seconds()
        try:
            return await asyncio.get_running_loop().create_server(
                lambda: SubmissionProtocol(self._services),
                listener.host,
                listener.port,
                ssl=tls,
                ssl_handshake_timeout=seconds if tls else None,
                backlog=_BACKLOG,
            )
        except (OSError, OverflowError) as error:
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number and number > 0 else str(error)
            raise PortTaken(
                f"Cannot listen on {listener.host} port {listener.port} ({reason}): "
                f"set {listener.setting} to a free port."
            ) from error

    def _stop_listening(self) -> None:
        for server in self._servers:
            server.close()

    async def _drain(self) -> None:
        self._services.is_draining = True
        for connection in list(self._services.connections):
            connection.drain()
        await self._sessions_end(_DRAIN_SECONDS)
        unfinished = list(self._services.connections)
        for connection in unfinished:
            connection.stop_waiting()
        await self._sessions_end(_LAST_WORDS_SECONDS)
        for connection in list(self._services.connections):
            connection.abort()
        log.info("gateway.drained", extra={"unfinished": len(unfinished)})

    async def _flush_for_the_last_time(self) -> None:
        for flusher in self._flushers:
            flusher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await flusher
        await asyncio.gather(*(each.flush() for each in self._background))

    async def _sessions_end(self, seconds: float) -> None:
        if tasks := [connection.session_task for connection in self._services.connections]:
            await asyncio.wait(tasks, timeout=seconds)
