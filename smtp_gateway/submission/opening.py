"""One accepted connection on its way to a session: its place, its PROXY header, its handshake.

It has its place among the others from the first moment, or a few slow clients would fill the
process. A handshake that fails is told in the console like a session.
"""

import asyncio
import logging
import socket
import ssl

from smtp_gateway.submission import tls_failure
from smtp_gateway.submission.connection import Connection
from smtp_gateway.submission.networks import is_in
from smtp_gateway.submission.peeking import peek
from smtp_gateway.submission.proxied import read_client_ip
from smtp_gateway.submission.proxy_header import BadProxyHeader
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.session import new_session_id
from smtp_gateway.submission.transcript import TLS_MISSING, Transcript

_HANDSHAKE = b"\x16"
"""How a TLS record with a handshake begins: RFC 8446 section 5.1."""
# Who leaves sooner and says nothing only looked whether the port is open.
_LOOK_SECONDS = 3.0

log = logging.getLogger(__name__)


class Opening:
    """`run` hands the socket to a session, or closes it. `tls`: for a handshake, if one is due."""

    def __init__(
        self,
        accepted: socket.socket,
        ip: str,
        services: Services,
        tls: ssl.SSLContext | None,
        protocol: Connection,
    ) -> None:
        self._accepted, self._ip, self._services, self._tls = accepted, ip, services, tls
        accepted.setblocking(False)
        self._protocol = protocol
        self._transcript = Transcript(new_session_id(), ip, services.now())
        self._began = asyncio.get_running_loop().time()
        self._is_session = False

    async def run(self) -> None:
        """Until there is a session, or nothing to wait for."""
        try:
            if await self._may_stay() and (self._tls is None or await self._begins_tls()):
                await self._become_session()
        finally:
            if not self._is_session:
                self._protocol.leave_seat()
                self._accepted.close()

    async def _may_stay(self) -> bool:
        if not self._has_seat():
            return False
        if not is_in(self._ip, self._services.config.proxies):
            return True
        try:
            async with asyncio.timeout(self._seconds):
                client_ip = await read_client_ip(self._accepted)
        except BadProxyHeader:
            log.warning("proxy.refused", extra={"ip": self._ip})
            return False
        except OSError as error:  # TimeoutError is one
            log.info("connection.not_begun", extra={"ip": self._ip, "error": repr(error)})
            return False
        return not client_ip or self._speaks_for(client_ip)

    def _speaks_for(self, client_ip: str) -> bool:
        self._protocol.client_ip = self._ip = self._transcript.ip = client_ip
        return self._has_seat()

    def _has_seat(self) -> bool:
        refusal = self._protocol.take_seat(self._ip)
        # Its session will be told: that takes the header and the handshake.
        if refusal is None or self._protocol.may_be_told:
            return True
        log.warning("session.refused", extra={"ip": self._ip, "reply": refusal.text})
        return False

    async def _begins_tls(self) -> bool:
        first, is_late = b"", False
        try:
            async with asyncio.timeout(self._seconds):
                first = await peek(self._accepted, len(_HANDSHAKE))
        except TimeoutError:
            is_late = True
        except OSError as error:
            log.debug("connection.not_begun", extra={"ip": self._ip, "error": repr(error)})
        if first == _HANDSHAKE:
            return True
        waited_seconds = asyncio.get_running_loop().time() - self._began
        if first or is_late or waited_seconds > _LOOK_SECONDS:
            self._note_failure(TLS_MISSING)
        return False

    async def _become_session(self) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: self._protocol,
                self._accepted,
                ssl=self._tls,
                ssl_handshake_timeout=self._seconds if self._tls else None,
            )
        except OSError as error:  # ssl.SSLError is one
            self._note_failure(tls_failure.describe(error))
        else:
            self._is_session = True

    def _note_failure(self, words: str) -> None:
        self._services.metrics.tls_failed("implicit")
        self._transcript.happened(words)
        self._services.transcripts.end(self._transcript)
        facts = {"ip": self._ip, "error": words, "session_id": self._transcript.session_id}
        log.info("tls.failed", extra=facts)

    @property
    def _seconds(self) -> float:
        return self._services.config.handshake_timeout.total_seconds()
