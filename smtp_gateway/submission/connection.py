"""One connection's bytes: lines and data in, replies out, TLS, time limits.

aiosmtpd's class is the base, but its constructor, reading and loop are not used: the constructor
scans all members for each connection, its reader splits mail data into lines, its end of file
cancels what is being committed. Knows no command.
"""

import asyncio
import logging
import ssl
from abc import abstractmethod

from aiosmtpd.smtp import SMTP

from smtp_gateway import log_context
from smtp_gateway.submission import replies
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.session import SessionState, new_session_id, peer_of

# Reading pauses when so much lies unread, until the session has worked through all of it.
_INPUT_HIGH_WATER_BYTES = 64 * 1024

log = logging.getLogger(__name__)


class ClientGone(Exception):
    """The client closed the connection, or it broke."""


class TimedOut(Exception):
    """The client sent nothing, or read nothing, for too long."""


class Draining(Exception):
    """The process is about to stop, and this session waits for a command."""


class Connection(SMTP):
    """The transport's side of a session."""

    state: SessionState

    def __init__(self, services: Services) -> None:
        self.services = services
        self.loop = asyncio.get_running_loop()
        self.channel: asyncio.Transport | None = None
        self._input = bytearray()
        self._output = bytearray()
        self._input_arrived: asyncio.Future[None] | None = None
        self._may_write: asyncio.Future[None] | None = None
        self._is_at_end = False
        self._is_lost = False
        self._is_reading_paused = False
        self._waits_for_command = False
        self.last_reply: Reply | None = None
        # Set as soon as the transport is there, so whoever gets hold of a connection finds it.
        self.session_task: asyncio.Task[None]

    @abstractmethod
    async def converse(self) -> None:
        """The session, from the greeting on."""

    # --- Called by the transport ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.channel = transport  # type: ignore[assignment]
        self.state = self._new_state(new_session_id())
        self.services.connections.add(self)
        self.session_task = self.loop.create_task(self._handle_client())

    def data_received(self, data: bytes) -> None:
        self._input += data
        self._wake(self._input_arrived)
        if len(self._input) > _INPUT_HIGH_WATER_BYTES and self.channel is not None:
            self._is_reading_paused = True
            self.channel.pause_reading()

    def eof_received(self) -> bool:
        self._is_at_end = True
        self._wake(self._input_arrived)
        # A client that only stopped sending still gets its reply; TLS knows no half-close.
        return not self.state.peer.tls

    def connection_lost(self, error: Exception | None) -> None:
        self._is_at_end = self._is_lost = True
        self._wake(self._input_arrived)
        self._wake(self._may_write)

    def pause_writing(self) -> None:
        self._may_write = self.loop.create_future()

    def resume_writing(self) -> None:
        self._wake(self._may_write)
        self._may_write = None

    @staticmethod
    def _wake(waiter: asyncio.Future[None] | None) -> None:
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # --- For the session --------------------------------------------------------------------------

    def reply(self, reply: Reply) -> None:
        """Sent before the session next waits for the client, in one write with its neighbours."""
        self.last_reply = reply
        self._output += reply.wire

    def send(self, wire: bytes) -> None:
        """Like `reply`, for what is no Reply."""
        self._output += wire

    async def flush(self) -> None:
        """Raises TimedOut where the client does not read its replies."""
        if self._output and self.channel is not None and not self._is_lost:
            self.channel.write(bytes(self._output))
        self._output.clear()
        if self._may_write is not None:
            await self._wait(self._may_write, self.services.config.command_timeout.total_seconds())

    async def read_line(self, max_bytes: int) -> bytes | None:
        """The next line without its end; None: it was longer.

        Raises ClientGone, TimedOut, Draining.
        """
        is_too_long = False
        searched = 0
        while (end := self._input.find(b"\n", searched)) < 0:
            if len(self._input) > max_bytes:
                is_too_long = True
                self._input.clear()
            searched = len(self._input)
            await self._more_of_a_command()
        line = bytes(self._input[:end]).removesuffix(b"\r")
        del self._input[: end + 1]
        return None if is_too_long or len(line) > max_bytes else line

    async def read_chunk(self) -> bytes:
        """What has arrived of mail data. Raises ClientGone, TimedOut."""
        if not self._input:
            await self._more(self.services.config.data_timeout.total_seconds())
        chunk = bytes(self._input)
        self._input.clear()
        return chunk

    def put_back(self, rest: bytes) -> None:
        """Gives back what came behind the data."""
        self._input[:0] = rest

    def drain(self) -> None:
        """Ends the session at its next command; where it waits for one, now."""
        if self._waits_for_command:
            self._wake(self._input_arrived)

    def stop_waiting(self) -> None:
        """Ends the session although the client is in the middle of its data."""
        if self._input_arrived is not None and not self._input_arrived.done():
            self._input_arrived.set_exception(Draining())

    def abort(self) -> None:
        """Drops the connection at once."""
        if self.channel is not None:
            self.channel.abort()

    async def start_tls(self) -> None:
        """Goes on under TLS, everything before it forgotten (RFC 3207 section 4.2)."""
        await self.flush()
        if self.channel is None or self._is_lost:
            raise ClientGone
        self._input.clear()
        self._resume_reading()
        # No await from here on until the transport is switched: the next byte belongs to TLS.
        self.channel.write(replies.READY_FOR_TLS.wire)
        self.channel = await self._handshake(self.channel)
        self.state = self._new_state(self.state.session_id)

    # --- Inside -----------------------------------------------------------------------------------

    async def _handshake(self, channel: asyncio.Transport) -> asyncio.Transport:
        seconds = self.services.config.handshake_timeout.total_seconds()
        try:
            transport = await self.loop.start_tls(
                channel,
                self,
                self.services.tls_context,
                server_side=True,
                ssl_handshake_timeout=seconds,
            )
        except OSError as error:  # ssl.SSLError is one
            log.info("tls.failed", extra={"ip": self.state.peer.ip, "error": repr(error)})
            raise ClientGone from error
        if transport is None:
            raise ClientGone
        return transport

    async def _more_of_a_command(self) -> None:
        if self.services.is_draining:
            raise Draining
        self._waits_for_command = True
        try:
            await self._more(self.services.config.command_timeout.total_seconds())
        finally:
            self._waits_for_command = False
        if self.services.is_draining:
            raise Draining

    async def _more(self, seconds: float) -> None:
        await self.flush()
        if self._is_at_end:
            raise ClientGone
        self._input_arrived = self.loop.create_future()
        self._resume_reading()
        try:
            await self._wait(self._input_arrived, seconds)
        finally:
            self._input_arrived = None

    def _resume_reading(self) -> None:
        if self._is_reading_paused and self.channel is not None:
            self._is_reading_paused = False
            self.channel.resume_reading()

    async def _wait(self, event: asyncio.Future[None], seconds: float) -> None:
        timer = self.loop.call_later(seconds, _give_up, event)
        try:
            await event
        finally:
            timer.cancel()

    async def _handle_client(self) -> None:
        log_context.session_id.set(self.state.session_id)
        try:
            await self.converse()
            await self.flush()
        except TimedOut:
            self._say_last(replies.TIMED_OUT)
        except Draining:
            self._say_last(replies.SHUTTING_DOWN)
        except (ClientGone, ConnectionError) as error:
            log.debug("session.lost", extra={"error": repr(error)})
        finally:
            self.services.connections.discard(self)
            if self.channel is not None:
                self.channel.close()

    def _say_last(self, reply: Reply) -> None:
        self._output += reply.wire
        if self.channel is not None and not self._is_lost:
            self.channel.write(bytes(self._output))
        if self._may_write is not None:
            # It does not read: waiting until it has read everything could take for ever.
            self.abort()

    def _new_state(self, session_id: str) -> SessionState:
        if self.channel is None:
            raise ClientGone
        ssl_object = self.channel.get_extra_info("ssl_object")
        tls = ""
        if isinstance(ssl_object, ssl.SSLObject | ssl.SSLSocket):
            tls = f"{ssl_object.version()} {(ssl_object.cipher() or ('',))[0]}"
        return SessionState(session_id, peer_of(self.channel.get_extra_info("peername"), tls))


def _give_up(event: asyncio.Future[None]) -> None:
    if not event.done():
        event.set_exception(TimedOut())
