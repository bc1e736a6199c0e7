"""Being known as a living relay: heartbeats, the fence, and the leases of relays that died."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import psutil
from django.conf import settings
from django.db import connection

from smtp_gateway import queue
from smtp_gateway.bridge import Bridge
from smtp_gateway.relay import begun
from smtp_gateway.relay.database import AWAY
from smtp_gateway.relay.shares import Rank
from smtp_gateway.relay.silence import Silence

# Clocks of this machine and of the database may differ by so much.
_CLOCK_TOLERANCE = timedelta(seconds=10)
_NEVER = float("inf")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a relay says that it lives, in seconds.

    It begins nothing `fence` after its last heartbeat, and others free its leases `dead` after it:
    what they free is never begun. Nor does it begin anything when a record has failed or taken
    `late`: all that it finished meanwhile would be sent again if it were killed.
    """

    beat: float = 2.0
    fence: float = 8.0
    dead: float = 10.0
    late: float = 0.1


class Registration:
    """This relay's row. Its heartbeat has a thread of its own: nothing can queue ahead of it."""

    def __init__(
        self,
        relay_id: int,
        rhythm: Rhythm,
        ranked: Callable[[Rank], None] = lambda rank: None,
    ) -> None:
        """`ranked` is told this relay's place among those alive, again and again."""
        self.relay_id, self._rhythm, self._ranked = relay_id, rhythm, ranked
        self.is_lost = False
        """Others took us for dead and freed what we held."""
        self.begun = begun.Begun(_marks(), relay_id)
        """What of our deliveries the next hop may have."""
        self._last_beat = time.monotonic()
        self._silence = Silence(rhythm.dead, self._last_beat)
        self._recording_since = _NEVER
        self.held_back_until = -_NEVER
        """When the last time ended in which nothing could begin."""
        self._news = asyncio.Event()

    @property
    def is_fresh(self) -> bool:
        """Whether an attempt may begin: our last heartbeat is recent, and no record is late."""
        now = time.monotonic()
        is_late = now - self._recording_since > self._rhythm.late
        return now - self._last_beat <= self._rhythm.fence and not is_late

    async def may_begin(self) -> None:
        """Waits until an attempt may begin."""
        while not self.is_fresh:
            self._news.clear()
            await self._news.wait()
            self.held_back_until = time.monotonic()

    def recording(self, *, is_under_way: bool) -> None:
        """Outcomes begin to be written, or are written."""
        self._recording_since = time.monotonic() if is_under_way else _NEVER
        self._news.set()

    def record_failed(self) -> None:
        """It is tried again, and late until then."""
        self._recording_since = -_NEVER

    async def keep(self, bridge: Bridge) -> None:
        """Beats and frees what dead relays hold, until it finds itself taken for dead."""
        while not self.is_lost:
            await asyncio.sleep(self._rhythm.beat)
            try:
                await self._beat_once(bridge)
            except AWAY as error:
                self._silence.not_heard()
                log.warning("relay.database_away", extra={"error": str(error).strip()})

    async def _beat_once(self, bridge: Bridge) -> None:
        asked = time.monotonic()
        if not await bridge.database(queue.heartbeat, relay_id=self.relay_id):
            self.is_lost = True
            return
        self._last_beat = asked
        self._silence.heard(time.monotonic())
        self._news.set()
        silent_for = timedelta(seconds=self._rhythm.dead)
        if self._silence.is_telling():
            await bridge.database(_free, silent_for=silent_for, judge=self.relay_id)
        alive = await bridge.database(queue.relays_alive, silent_for=silent_for)
        if self.relay_id in alive:
            self._ranked(Rank(alive.index(self.relay_id), len(alive)))


def register() -> int:
    """Makes this process known and takes over at once from relays that died here. Blocks.

    Of those elsewhere it knows nothing yet: the database may have been away until now.
    """
    host, pid = machine(), os.getpid()
    gone = [relay.relay_id for relay in queue.relays_on(host) if _is_gone(relay)]
    _free(gone=gone)
    return queue.register_relay(host=host, pid=pid)


def _free(
    *, silent_for: timedelta | None = None, judge: int | None = None, gone: Collection[int] = ()
) -> None:
    known = begun.read(_marks())
    if freed := queue.free_leases_of_dead(
        silent_for=silent_for, judge=judge, gone=gone, begun=known
    ):
        log.warning("relay.leases_freed", extra={"count": freed})
    if known:
        # Read first: whoever made a file is registered before.
        begun.forget(_marks(), known.keys() - queue.known_relays())


def _marks() -> Path:
    # Ids of relays are their database's.
    return Path(settings.VAR_DIR) / "relay" / quote(connection.settings_dict["NAME"], safe="")


def machine() -> str:
    """Names the space in which a process id is unique: this boot of this machine or container."""
    parts = [socket.gethostname()]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        pass  # no Linux: the host's name has to do
    return " ".join(parts)[:255]


def _is_gone(relay: queue.RegisteredRelay) -> bool:
    # Our own id in an older row: the number was given out again.
    if relay.pid == os.getpid():
        return True
    try:
        process = psutil.Process(relay.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return True
        born = datetime.fromtimestamp(process.create_time(), UTC)
        return born > relay.started_at + _CLOCK_TOLERANCE or not _is_relay(process.cmdline())
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def _is_relay(command: Collection[str]) -> bool:
    return "run_relay" in command
