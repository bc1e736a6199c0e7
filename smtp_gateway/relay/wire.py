"""One connection to a next hop: bytes out, replies in, each with its time limit."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import ip_address
from typing import cast

from smtp_gateway.relay.peer_chain import peer_chain
from smtp_gateway.relay.reply import BadReply, Reply, ReplyReader

_SLICE_BYTES = 256 * 1024


class ConnectionLost(Exception):
    """The next hop closed the connection; the text is the system's cause, if it gave one."""


def is_loopback(peername: object) -> bool:
    """Whether a socket's peer is on this machine; an IPv6 address may carry its zone."""
    return isinstance(peername, tuple) and ip_address(peername[0].split("%")[0]).is_loopback


class Wire(asyncio.Protocol):
    """A transport's protocol. Raises ConnectionLost, TimeoutError and BadReply."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = ReplyReader()
        self._replies: deque[Reply] = deque()
        self._fault: Exception | None = None
        self._transport: asyncio.Transport | None = None
        self._reply_waiter: asyncio.Future[None] | None = None
        self._drain_waiter: asyncio.Future[None] | None = None
        self._is_paused = False
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None

    # asyncio calls these.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._replies.extend(self._reader.feed(data))
        except BadReply as error:
            self._fail(error)
        else:
            if self._reader.fault is not None:
                self._fail(self._reader.fault)
        self._wake(self._reply_waiter)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(ConnectionLost(str(exc or "")))

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        self._wake(self._drain_waiter)

    # The client calls these.
    @property
    def peer(self) -> str:
        """The address and port that were reached."""
        name = self._open_transport().get_extra_info("peername")
        return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"

    @property
    def is_usable(self) -> bool:
        """Whether the connection is open and silent, as it must be before a new command."""
        return self._fault is None and not self._replies and self._reader.is_empty

    @property
    def peer_is_loopback(self) -> bool:
        return is_loopback(self._open_transport().get_extra_info("peername"))

    @property
    def tls(self) -> str:
        """Version and cipher, as in `TLSv1.3 TLS_AES_256_GCM_SHA384`; empty: none."""
        if self._transport is None:
            return ""
        cipher = self._transport.get_extra_info("cipher")
        return f"{cipher[1]} {cipher[0]}" if cipher else ""

    @property
    def peer_chain(self) -> list[bytes]:
        """The next hop's certificates, unverified, its own first; DER."""
        connection = self._open_transport().get_extra_info("ssl_object")
        return peer_chain(connection) if connection else []

    async def start_tls(self, context: ssl.SSLContext, host: str, seconds: float) -> None:
        """Protects the connection. Raises OSError, and BadReply for what came before TLS did."""
        if not self.is_usable:
            # Something put into the clear-text stream would be taken for protected replies.
            raise BadReply("a reply ahead of the TLS handshake")
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(
            self._open_transport(),
            self,
            context,
            server_hostname=host,
            ssl_handshake_timeout=seconds,
        )
        if transport is None:
            raise ConnectionLost("during the TLS handshake")
        self._transport = transport

    def write(self, data: bytes | memoryview) -> None:
        """Sends without waiting; for commands."""
        self._open_transport().write(data)

    async def write_all(self, data: bytes, seconds: float) -> None:
        """Sends content, waiting up to `seconds` for each slice to be taken."""
        view = memoryview(data)
        for start in range(0, len(data), _SLICE_BYTES):
            if self._fault is not None:
                raise self._fault
            self.write(view[start : start + _SLICE_BYTES])
            if self._is_paused:
                async with asyncio.timeout(seconds):
                    await self._drained()

    async def reply(self, seconds: float) -> Reply:
        """The next reply."""
        if not self._replies:
            self._watch(seconds)
            await self._replied()
        return self._replies.popleft()

    def waiting_reply(self) -> Reply | None:
        """A reply that is there already, also after the connection broke."""
        return self._replies.popleft() if self._replies else None

    def close(self) -> None:
        """Ends the connection once everything written has gone out."""
        self._fail(ConnectionLost("closed by us"))
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Ends the connection at once; what is buffered is dropped."""
        self._fail(ConnectionLost("closed by us"))
        if self._transport is not None:
            self._transport.abort()

    async def _replied(self) -> None:
        while not self._replies:
            if self._fault is not None:
                raise self._fault
            self._reply_waiter = self._loop.create_future()
            if self._timer is None:
                # It came in the same moment as a part of the reply.
                self._timer = self._loop.call_at(self._deadline, self._look_at_the_time)
            await self._reply_waiter

    def _watch(self, seconds: float) -> None:
        """Has whoever waits for a reply hear of it after `seconds`; one timer serves many waits."""
        self._deadline = self._loop.time() + seconds
        if self._timer is not None:
            if self._timer.when() <= self._deadline:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline, self._look_at_the_time)

    def _look_at_the_time(self) -> None:
        self._timer, waiter = None, self._reply_waiter
        if waiter is None or waiter.done():
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look_at_the_time)
        else:
            waiter.set_exception(TimeoutError())

    async def _drained(self) -> None:
        while self._is_paused:
            if self._fault is not None:
                raise self._fault
            self._drain_waiter = asyncio.get_running_loop().create_future()
            await self._drain_waiter

    def _open_transport(self) -> asyncio.Transport:
        if self._transport is None or (self._fault is not None and not self._replies):
            raise self._fault or ConnectionLost
        return self._transport

    def _fail(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wake(self._reply_waiter)
        self._wake(self._drain_waiter)

    @staticmethod
    def _wake(waiter: asyncio.Future[None] | None) -> None:
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


make_wire: ContextVar[Callable[[], Wire]] = ContextVar("make_wire", default=Wire)
"""What sessions opened in this context talk over; the test of a route listens in with its own."""
