"""What all sessions of one process share."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from smtp_gateway.submission.admission import Admission
from smtp_gateway.submission.authentication import Authentication
from smtp_gateway.submission.buffered import BufferedBytes
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.intake import Intake
from smtp_gateway.submission.last_use import LastUse
from smtp_gateway.submission.metrics import Metrics
from smtp_gateway.submission.quotas import Quotas
from smtp_gateway.submission.recent_recipients import RecentRow
from smtp_gateway.submission.refused import Refused, forget
from smtp_gateway.submission.shared_counts import SharedCounts
from smtp_gateway.submission.suppression import Suppressions, nobody_is_suppressed
from smtp_gateway.submission.transcript_log import TranscriptLog


class OpenSession(Protocol):
    """What the server needs to know of a connection to end it."""

    @property
    def lying_bytes(self) -> int: ...

    def look_at_clock(self, now: float) -> None: ...

    def drain(self) -> None: ...

    def stop_waiting(self) -> None: ...

    def abort(self) -> None: ...


class Background(Protocol):
    """What is written down now and then beside the sessions, and once more after the last one."""

    async def flush_forever(self) -> None: ...

    async def flush(self) -> None: ...


@dataclass(slots=True)
class Services:
    """Handed to each connection; `connections` are those that are open.

    `background` is run by the server, `last_use` and `transcripts` with it.
    """

    config: Config
    tls_context: ssl.SSLContext
    authentication: Authentication
    intake: Intake
    last_use: LastUse
    transcripts: TranscriptLog
    now: Callable[[], datetime]
    metrics: Metrics = field(default_factory=Metrics)
    connections: set[OpenSession] = field(default_factory=set)
    is_draining: bool = False
    note_refusal: Callable[[Refused], None] = forget
    background: Sequence[Background] = ()
    admission: Admission = field(default_factory=lambda: Admission(SharedCounts().row(0)))
    buffered: BufferedBytes = field(default_factory=BufferedBytes)
    suppressed: Suppressions = nobody_is_suppressed
    """Asked for every recipient."""
    quotas: Quotas | None = None
    """None: nobody counts."""
    recent: RecentRow | None = None
    """Who was sent mail lately."""
    lingering: set[OpenSession] = field(default_factory=set)
    """Ended sessions whose client has not read their last replies."""
    turned_away: set[OpenSession] = field(default_factory=set)
    """Connections for which there is no room, as long as they are there to be told so."""
    all_gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the last connection ends."""

    def everything_in_background(self) -> Sequence[Background]:
        """What the server runs."""
        return (self.last_use, self.transcripts, *self.background)

    async def close(self) -> None:
        """When the last session has ended."""
        await self.intake.close()
        await self.authentication.close()

    def forget(self, connection: OpenSession) -> None:
        """This one has ended."""
        self.connections.discard(connection)
        if not self.connections:
            self.all_gone.set()
