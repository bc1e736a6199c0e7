"""What one process counts about its sessions: plain numbers, cheap enough for every command.

Nothing is locked, so only the event loop's thread may count. `snapshot` is what the supervising
process adds up and shows (smtp_gateway.running); knows neither HTTP nor Prometheus.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, TypedDict

AUTH_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ACCEPT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BATCH_MAILS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)

Tls = Literal["none", "starttls", "implicit"]
_HIGHEST_CODE = 599


class Snapshot(TypedDict):
    """A process's numbers since it began, as JSON can carry them."""

    counters: dict[str, dict[str, float]]
    """By name, then by the value of the name's label ("" where it has none). They only grow."""
    gauges: dict[str, dict[str, float]]
    """Likewise; they end with the process."""
    histograms: dict[str, list[float]]
    """By name: how many fell into each bucket, those above the last bound, and the sum of all."""


class Histogram:
    """Counts by size; a value that is exactly a bound belongs to that bound's bucket."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def numbers(self) -> list[float]:
        """As in `Snapshot`."""
        return [*self._counts, self._sum]


class Metrics:
    """One per process. Public numbers may be counted up in place: `metrics.faults += 1`."""

    __slots__ = (
        "_accept_seconds", "_auth_seconds", "_batch_mails", "_closed", "_log_ins",
        "_mails", "_opened", "_recipients", "_refusals", "_tls_failures", "_upgraded",
        "buffered_bytes", "faults", "mail_bytes", "replies",
    )  # fmt: skip

    def __init__(self) -> None:
        self.replies = [0] * (_HIGHEST_CODE + 1)
        """How often each code was given, by code: `metrics.replies[250] += 1`."""
        self.buffered_bytes = 0
        """What sessions hold in memory at this moment."""
        self.faults = 0
        """Unexpected exceptions, each answered with 451."""
        self.mail_bytes = 0
        self._opened: dict[str, int] = {"none": 0, "implicit": 0}
        self._closed: dict[Tls, int] = {"none": 0, "starttls": 0, "implicit": 0}
        self._upgraded = 0
        self._tls_failures = {"starttls": 0, "implicit": 0}
        self._mails = 0
        self._recipients = 0
        self._log_ins = {"verified": 0, "remembered": 0, "refused": 0}
        self._refusals: defaultdict[str, int] = defaultdict(int)
        self._auth_seconds = Histogram(AUTH_SECONDS)
        self._accept_seconds = Histogram(ACCEPT_SECONDS)
        self._batch_mails = Histogram(BATCH_MAILS)

    # --- Sessions ---------------------------------------------------------------------------------

    def session_opened(self, tls: Tls) -> None:
        """`tls`: what it began with, so never "starttls"."""
        self._opened[tls] += 1

    def session_upgraded(self) -> None:
        """A STARTTLS handshake succeeded."""
        self._upgraded += 1

    def tls_failed(self, tls: Literal["starttls", "implicit"]) -> None:
        """A handshake of this kind failed, or did not even begin."""
        self._tls_failures[tls] += 1

    def session_closed(self, tls: Tls) -> None:
        """`tls`: what it was at its end."""
        self._closed[tls] += 1

    # --- Log-ins ----------------------------------------------------------------------------------

    def log_in(self, seconds: float, *, is_right: bool, was_remembered: bool = False) -> None:
        """One decided attempt; `was_remembered`: without hashing, from the verified credentials."""
        self._auth_seconds.observe(seconds)
        if not is_right:
            self._log_ins["refused"] += 1
        else:
            self._log_ins["remembered" if was_remembered else "verified"] += 1

    # --- Mail -------------------------------------------------------------------------------------

    def mail_accepted(self, seconds: float, *, size_bytes: int, recipients: int) -> None:
        """`seconds` from the end of the data to the 250."""
        self._accept_seconds.observe(seconds)
        self._mails += 1
        self._recipients += recipients
        self.mail_bytes += size_bytes

    def batch_committed(self, mails: int) -> None:
        self._batch_mails.observe(mails)

    def refused(self, code: str) -> None:
        """`code` is stable and one of few: never a text that a client chooses."""
        self._refusals[code] += 1

    # --- For who shows them -----------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """All numbers as they are now."""
        return {
            "counters": {
                "sessions": dict(self._opened),
                "starttls": {"": self._upgraded},
                "tls_failures": dict(self._tls_failures),
                "replies": {str(code): n for code, n in enumerate(self.replies) if n},
                "log_ins": dict(self._log_ins),
                "mails": {"": self._mails},
                "recipients": {"": self._recipients},
                "mail_bytes": {"": self.mail_bytes},
                "refusals": dict(self._refusals),
                "faults": {"": self.faults},
            },
            "gauges": {
                "open_sessions": {
                    "none": self._opened["none"] - self._upgraded - self._closed["none"],
                    "starttls": self._upgraded - self._closed["starttls"],
                    "implicit": self._opened["implicit"] - self._closed["implicit"],
                },
                "buffered_bytes": {"": self.buffered_bytes},
            },
            "histograms": {
                "auth_seconds": self._auth_seconds.numbers(),
                "accept_seconds": self._accept_seconds.numbers(),
                "batch_mails": self._batch_mails.numbers(),
            },
        }
