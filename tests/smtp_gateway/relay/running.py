"""The relay, run in the test's own loop or as the process it is."""

import asyncio
import functools
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from smtp_gateway import queue
from smtp_gateway.bridge import Bridge
from smtp_gateway.paces import Paces
from smtp_gateway.relay import engine
from smtp_gateway.relay.couriers import Couriers
from smtp_gateway.relay.dispatch import LaneLimits
from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.own.making import Making
from smtp_gateway.relay.registration import Rhythm
from smtp_gateway.relay.routing import KEPT_HERE, RouteSpec, Routing
from smtp_gateway.relay.session import Timeouts
from smtp_gateway.relay.signing import Signing
from smtp_gateway.relay.suppressed import LookUp
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.sending import LADDERS, PATIENT, open_to

P = ParamSpec("P")
R = TypeVar("R")


class Queue:
    """The database, from a coroutine."""

    def __init__(self) -> None:
        self.bridge = Bridge(database_threads=2)

    async def do(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.bridge.database(work, *args, **kwargs)

    async def until(self, condition: Callable[[], object], seconds: float = 10) -> None:
        """Waits until `condition`, which asks the database, holds; TimeoutError after a while."""
        async with asyncio.timeout(seconds):
            while not await self.do(condition):  # noqa: ASYNC110 - a database sets no events
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running_relay(
    hop: ScriptedHop | None = None,
    *,
    allow_unverified: bool = True,
    next_hop: NextHop | None = None,
    connections: int = 8,
    limits: LaneLimits = LaneLimits(poll_seconds=0.05),  # noqa: B008 - frozen
    rhythm: Rhythm = Rhythm(),  # noqa: B008 - frozen
    finish_seconds: float = 3,
    record: Callable[[int, Sequence[queue.Outcome]], set[int]] | None = None,
    hints: Callable[[], AsyncIterator[Sequence[str] | None]] | None = None,
    routing: Routing | None = None,
    routes: Callable[[], Awaitable[Routing]] | None = None,
    signing: Signing | None = None,
    making: Making | None = None,
    suppressed: LookUp | None = None,
    paces: Callable[[], Paces] = Paces,
    timeouts: Timeouts = PATIENT,
    wake: Callable[[str], None] = lambda lane: None,
) -> AsyncIterator[asyncio.Event]:
    """The engine in this loop; setting the event stops it. `routes`: where they change."""
    if hop is not None:
        next_hop = NextHop(hop.host, hop.port)
    route = KEPT_HERE
    if next_hop:
        route = RouteSpec(0, "test", "smarthost", next_hop, max_connections=connections)
    routing = routing or Routing(
        default=route,
        allow_unverified_domains=allow_unverified,
        domain_is_verified=lambda domain: False,
    )
    bridges = Bridge(), Bridge(database_threads=1)
    relay = engine.Relay(
        bridge=bridges[0],
        heartbeat_bridge=bridges[1],
        routing=routes or fixed(routing),
        couriers=Couriers(functools.partial(open_to, timeouts=timeouts), LADDERS),
        signing=signing,
        making=(lambda: making) if making else None,
        suppressed=suppressed,
        paces=paces,
        record=record or _record,
        hints=hints or _no_hints,
        wake=wake,
        lane_limits=limits,
        rhythm=rhythm,
        finish_seconds=finish_seconds,
    )
    stopping = asyncio.Event()
    task = asyncio.create_task(engine.run(relay, stopping))
    try:
        yield stopping
    finally:
        stopping.set()
        await task
        for bridge in bridges:
            bridge.close()


def fixed(routing: Routing) -> Callable[[], Awaitable[Routing]]:
    """Routes that nobody changes."""

    async def current() -> Routing:
        return routing

    return current


def _record(relay_id: int, outcomes: Sequence[queue.Outcome]) -> set[int]:
    return queue.record(relay_id=relay_id, outcomes=outcomes)


async def _no_hints() -> AsyncIterator[None]:
    await asyncio.Event().wait()
    yield


class Process:
    """A running `manage.py run_relay`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process, self._log = process, log

    @property
    def log(self) -> str:
        return self._log.read_text()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    async def stop(self, seconds: float = 5) -> int:
        """SIGTERM; the exit code, or TimeoutError."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(seconds):
            return await self.process.wait()


@asynccontextmanager
async def relay_process(log: Path, **environment: str) -> AsyncIterator[Process]:
    """The process on the test's own database."""
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "manage.py", "run_relay", "--skip-checks"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "ALLOW_UNVERIFIED_DOMAINS": "1",
                "LOG_LEVEL": "INFO",
                **environment,
            },
            stdout=file,
            stderr=file,
        )
    try:
        yield Process(process, log)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def database_url(host: str = "", port: int = 5432) -> str:
    """Where the test's database is, or is reached through a proxy."""
    database = connection.settings_dict
    host = host or quote(str(database["HOST"]), safe="")
    return f"postgresql://{database['USER']}@{host}:{port}/{database['NAME']}"


def proxy_to_database() -> "Proxy":
    """A way to the test's database that can be cut."""
    database = connection.settings_dict
    return Proxy(f"{database['HOST']}/.s.PGSQL.{database['PORT'] or 5432}")


class Proxy:
    """A way to the database or to Redis that can be cut."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.port = 0
        self.connections = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Ends every connection and takes no more."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError):
            there, back = await asyncio.open_unix_connection(self._target)
            self._writers |= {writer, back}
            for source, sink in ((reader, back), (there, writer)):
                self._start(_copy(source, sink))

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.CancelledError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()
