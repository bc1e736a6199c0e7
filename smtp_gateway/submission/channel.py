"""The way to one client: replies out, TLS, holding back a client that sends or reads badly.

aiosmtpd's class is the base, for its address parser; its constructor is not called, since it scans
all members for each connection. Knows no command and nothing of what is read.
"""

import asyncio
import logging
import ssl

from aiosmtpd.smtp import SMTP

from smtp_gateway.submission import tls_failure
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.seat import Seat
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.session import SessionState, behind_proxy, peer_of
from smtp_gateway.submission.transcript import Transcript

log = logging.getLogger(__name__)


class ClientGone(Exception):
    """The client closed the connection, or it broke."""


class Channel(SMTP):
    """The transport and what goes out through it."""

    state: SessionState
    transcript: Transcript
    client_ip = ""
    """Whom a proxy speaks for; empty: the peer is the client."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.loop = asyncio.get_running_loop()
        self.channel: asyncio.Transport | None = None
        """None once the connection is lost."""
        self.seat = Seat(services.admission, services.buffered)
        self._output = b""
        self._is_reading_paused = False
        self._is_writing_paused = False

    def reply(self, reply: Reply) -> None:
        """Sent before the session next waits for the client, in one write with its neighbours."""
        wire = reply.wire
        self.transcript.answered(wire)
        self.services.metrics.replies[reply.code] += 1
        self._output += wire

    def send(self, wire: bytes) -> None:
        """Like `reply`, for what is no Reply."""
        self.transcript.answered(wire)
        self.services.metrics.replies[int(wire[:3])] += 1
        self._output += wire

    @property
    def unsent_bytes(self) -> int:
        """Replies that the client has not read."""
        return self.channel.get_write_buffer_size() if self.channel is not None else 0

    def flush(self) -> None:
        """Writes what was replied so far."""
        if self._output and self.channel is not None:
            self.channel.write(self._output)
        self._output = b""

    def _hold_client(self) -> None:
        if not self._is_reading_paused and self.channel is not None:
            self._is_reading_paused = True
            self.channel.pause_reading()

    def _resume_reading(self) -> None:
        if self._is_reading_paused and self.channel is not None:
            self._is_reading_paused = False
            self.channel.resume_reading()

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
            self.services.metrics.tls_failed("starttls")
            log.info("tls.failed", extra={"ip": self.state.peer.ip, "error": repr(error)})
            self.transcript.happened(tls_failure.describe(error))
            raise ClientGone from error
        if transport is None or self.channel is None:
            raise ClientGone
        return transport

    def _new_state(self, session_id: str) -> SessionState:
        if self.channel is None:
            raise ClientGone
        ssl_object = self.channel.get_extra_info("ssl_object")
        tls = ""
        if isinstance(ssl_object, ssl.SSLObject | ssl.SSLSocket):
            tls = f"{ssl_object.version()} {(ssl_object.cipher() or ('',))[0]}"
        peer = peer_of(self.channel.get_extra_info("peername"), tls)
        if self.client_ip:
            peer = behind_proxy(peer, self.client_ip)
        return SessionState(session_id, peer)
