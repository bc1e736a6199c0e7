"""Accepts connections that owe something before they can talk: a PROXY header, a TLS handshake.

Everywhere else asyncio's own server accepts: to it a connection is nobody's before that is done.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from functools import partial

from smtp_gateway.submission.connection import Connection
from smtp_gateway.submission.opening import Opening
from smtp_gateway.submission.services import Services
from smtp_gateway.submission.session import peer_of

_PAUSE_SECONDS = 1.0

log = logging.getLogger(__name__)


class Acceptor:
    """What `asyncio.Server` is otherwise, for one listening socket."""

    def __init__(
        self,
        listening: socket.socket,
        services: Services,
        tls: ssl.SSLContext | None,
        make_protocol: Callable[[], Connection],
    ) -> None:
        self._listening, self._services, self._tls = listening, services, tls
        self._make_protocol = make_protocol
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
            except ConnectionError:
                # A client that went away while it waited is no reason to let others wait.
                continue
            except OSError as error:
                # No file descriptor is free.
                log.warning("gateway.not_accepted", extra={"error": repr(error)})
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            self._open(accepted, peer_of(address, "").ip)

    def _open(self, accepted: socket.socket, ip: str) -> None:
        opening = Opening(accepted, ip, self._services, self._tls, self._make_protocol())
        task = self._loop.create_task(opening.run())
        self._openings.add(task)
        task.add_done_callback(partial(self._opened, accepted))

    def _opened(self, accepted: socket.socket, task: asyncio.Task[None]) -> None:
        self._openings.discard(task)
        if task.cancelled():
            # Also where it was before its first step, so that no handler in it could.
            accepted.close()
