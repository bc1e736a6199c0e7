"""What a worker and the supervising process say to each other."""

from typing import Literal, TypedDict

from smtp_gateway.submission.metrics import Snapshot

REPORT_SECONDS = 1.0

RENEW_CERTIFICATE = "renew-certificate"
"""What a worker is told under "do"; that it is to stop it learns from the channel's end."""


class Report(TypedDict):
    """A worker's word about itself, once a REPORT_SECONDS; also its heartbeat."""

    state: Literal["accepting", "draining"]
    database: bool | None
    """Whether the database answered when it was last asked; None: it was not asked yet."""
    loop_lag_seconds: float
    """How late this report is, because the event loop had other work."""
    cpu_seconds: float
    resident_bytes: int
    numbers: Snapshot
