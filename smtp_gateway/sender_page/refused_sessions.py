"""What was refused before it became a mail of an address: sessions gone wrong. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from smtp_gateway.models import SmtpSession

LOOKED_AT = 1000
"""Sessions that went wrong, the newest; an application that tries again and again makes many."""


@dataclass(frozen=True, slots=True)
class RefusedSessions:
    """Those that ended for the same reason; `newest` has no dialogue loaded."""

    outcome: str
    """A smtp_sessions.outcome.Code as it is stored."""
    count: int
    newest: SmtpSession


def refused_sessions(address: str, since: datetime) -> Sequence[RefusedSessions]:
    """The most frequent first."""
    sessions = (
        SmtpSession.objects.filter(sender_address=address, went_well=False)
        .defer("lines")
        .order_by("-id")[:LOOKED_AT]
    )
    found: dict[str, list[SmtpSession]] = {}
    for session in sessions:
        if session.began_at >= since:
            found.setdefault(session.outcome, []).append(session)
    groups = [RefusedSessions(outcome, len(all_), all_[0]) for outcome, all_ in found.items()]
    return sorted(groups, key=lambda group: (-group.count, group.outcome))
