"""One worker: serves submissions on its sockets until told to stop, and says how it is."""

import asyncio
import contextlib
import logging
import resource
import signal
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import socket
from typing import Literal

import uvloop
from django.db import Error, connection

from smtp_gateway.bridge import Bridge
from smtp_gateway.inbound.protocol import InboundProtocol
from smtp_gateway.inbound.services import InboundServices
from smtp_gateway.running.channel import Channel
from smtp_gateway.running.memory import ResidentMemory, give_large_blocks_back
from smtp_gateway.running.open_files import allow_open_files
from smtp_gateway.running.reports import RENEW_CERTIFICATE, REPORT_SECONDS, Report
from smtp_gateway.submission.certificate import renew
from smtp_gateway.submission.listening import Listener
from smtp_gateway.submission.server import SubmissionServer
from smtp_gateway.submission.services import Services

_ASK_DATABASE_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """What a worker gets from the process that forked it; for each listener its own sockets."""

    channel: Channel
    listeners: Sequence[Listener]
    sockets: Sequence[Sequence[socket]]
    certificate: tuple[Path, Path]
    """File of the certificate, file of its key."""


def run_worker(place: Place, services: Services, bridge: Bridge, inbound: InboundServices) -> None:
    """Returns when it was told to stop and all sessions have ended."""
    give_large_blocks_back()
    allow_open_files(services.config.max_connections)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_Worker(place, services, bridge, inbound).run())


class _Worker:
    def __init__(
        self, place: Place, services: Services, bridge: Bridge, inbound: InboundServices
    ) -> None:
        self._place, self._services, self._bridge = place, services, bridge
        self._inbound = inbound
        self._memory = ResidentMemory()
        self._told_to_stop = asyncio.Event()
        self._database_answers: bool | None = None

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._told_to_stop.set)
        loop.add_reader(self._place.channel.fileno(), self._listen)
        beside = [asyncio.create_task(self._ask_database())]
        async with contextlib.AsyncExitStack() as stack:
            for server in self._servers():
                await stack.enter_async_context(server)
            beside.append(asyncio.create_task(self._report_forever()))
            await self._told_to_stop.wait()
        for task in beside:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._report(0.0)

    def _servers(self) -> Iterator[SubmissionServer]:
        """Submission, and the inbound side where it has a port."""
        yield SubmissionServer(self._services, *self._places(is_inbound=False))
        listeners, sockets = self._places(is_inbound=True)
        if listeners:
            make_protocol = partial(InboundProtocol, self._inbound)
            yield SubmissionServer(self._inbound, listeners, sockets, make_protocol)

    def _places(self, *, is_inbound: bool) -> tuple[Sequence[Listener], Sequence[Sequence[socket]]]:
        """Listeners, and the sockets of each."""
        both = zip(self._place.listeners, self._place.sockets, strict=True)
        chosen = [each for each in both if each[0].is_inbound == is_inbound]
        return [listener for listener, _ in chosen], [sockets for _, sockets in chosen]

    def _listen(self) -> None:
        """To the supervising process."""
        for message in self._place.channel.receive():
            if message.get("do") == RENEW_CERTIFICATE:
                self._renew_certificate()
        if self._place.channel.is_at_end:
            asyncio.get_running_loop().remove_reader(self._place.channel.fileno())
            self._told_to_stop.set()

    def _renew_certificate(self) -> None:
        try:
            renew(self._services.tls_context, *self._place.certificate)
        except (OSError, ssl.SSLError) as error:
            # The supervising process has read both files a moment ago.
            log.error("tls.not_renewed", extra={"error": str(error)})  # noqa: TRY400

    async def _report_forever(self) -> None:
        loop = asyncio.get_running_loop()
        lag_seconds = 0.0
        while True:
            self._report(lag_seconds)
            due = loop.time() + REPORT_SECONDS
            await asyncio.sleep(REPORT_SECONDS)
            lag_seconds = max(0.0, loop.time() - due)

    def _report(self, lag_seconds: float) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        state: Literal["accepting", "draining"] = (
            "draining" if self._told_to_stop.is_set() else "accepting"
        )
        report: Report = {
            "state": state,
            "database": self._database_answers,
            "loop_lag_seconds": lag_seconds,
            "cpu_seconds": used.ru_utime + used.ru_stime,
            "resident_bytes": self._memory.bytes,
            "numbers": self._services.metrics.snapshot(),
        }
        self._place.channel.send(report)

    async def _ask_database(self) -> None:
        """For /health only: a database that is away restarts nothing, and mail is answered 451."""
        while True:
            try:
                await self._bridge.database(_select_1)
                self._database_answers = True
            except Error:
                self._database_answers = False
            await asyncio.sleep(_ASK_DATABASE_SECONDS)


def _select_1() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
