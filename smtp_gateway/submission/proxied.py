"""Accepts connections of which some come through a proxy that says who is behind it.

Only where PROXY_PROTOCOL_FROM names proxies; else asyncio's own server accepts. The header is taken
off the socket before there is a transport, so TLS may begin right behind it.
"""

import asyncio
import logging
import socket
import ssl
from functools import partial

from smtp_gateway.submission.networks import is_in
from smtp_gateway.submission.protocol import SubmissionProtocol
from smtp_gateway.submission.proxy_header import (
    MAX_HEADER_BYTES,
    BadProxyHeader,
    read_proxy_header,
)
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.session import peer_of

_PAUSE_SECONDS = 1.0

log = logging.getLogger(__name__)


class ProxiedListener:
    """What `asyncio.Server` is otherwise, for one listening socket."""

    def __init__(
        self, listening: socket.socket, services: Services, tls: ssl.SSLContext | None
    ) -> None:
        self._listening, self._services, self._tls = listening, services, tls
        self._loop = asyncio.get_running_loop()
        self._openings: set[asyncio.Task[None]] = set()
        self._accepting = self._loop.create_task(self._accept())

    def close(self) -> None:
        """Accepts no more; what has not begun to talk is dropped."""
        for task in (self._accepting, *self._openings):
            task.cancel()
        self._listening.close()

    async def _accept(self) -> None:
        while True:
            try:
                accepted, address = await self._loop.sock_accept(self._listening)
            except OSError as error:
                # No file descriptor is free, or a client went away while it waited.
                log.warning("gateway.not_accepted", extra={"error": repr(error)})
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            task = self._loop.create_task(self._open(accepted, peer_of(address, "").ip))
            self._openings.add(task)
            task.add_done_callback(partial(self._opened, accepted))

    def _opened(self, accepted: socket.socket, task: asyncio.Task[None]) -> None:
        self._openings.discard(task)
        if task.cancelled():
            # Also where it was before its first step, so that no handler in it could.
            accepted.close()

    async def _open(self, accepted: socket.socket, ip: str) -> None:
        try:
            client_ip = await self._client_ip(accepted, ip)
            await self._loop.connect_accepted_socket(
                lambda: self._protocol(client_ip),
                accepted,
                ssl=self._tls,
                ssl_handshake_timeout=self._seconds if self._tls else None,
            )
        except BadProxyHeader:
            log.warning("proxy.refused", extra={"ip": ip})
            accepted.close()
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            log.info("connection.not_begun", extra={"ip": ip, "error": repr(error)})
            accepted.close()

    @property
    def _seconds(self) -> float:
        return self._services.config.handshake_timeout.total_seconds()

    def _protocol(self, client_ip: str) -> SubmissionProtocol:
        protocol = SubmissionProtocol(self._services)
        protocol.client_ip = client_ip
        return protocol

    async def _client_ip(self, accepted: socket.socket, ip: str) -> str:
        """Of whom the proxy speaks for; empty: the peer is who it is.

        Raises BadProxyHeader, TimeoutError, OSError.
        """
        accepted.setblocking(False)
        if not is_in(ip, self._services.config.proxies):
            return ""
        async with asyncio.timeout(self._seconds):
            return await self._read_header(accepted)

    async def _read_header(self, accepted: socket.socket) -> str:
        header = bytearray()
        while True:
            await self._readable(accepted)
            # Looked at first: not a byte behind the header may be taken away from TLS.
            arrived = accepted.recv(MAX_HEADER_BYTES, socket.MSG_PEEK)
            if not arrived:
                raise ConnectionResetError("closed before a PROXY header")
            found = read_proxy_header(header + arrived)
            if found is not None:
                accepted.recv(found.size_bytes - len(header))
                return found.ip
            header += accepted.recv(len(arrived))

    async def _readable(self, accepted: socket.socket) -> None:
        arrived = self._loop.create_future()
        self._loop.add_reader(accepted, _wake, arrived)
        try:
            await arrived
        finally:
            self._loop.remove_reader(accepted)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
