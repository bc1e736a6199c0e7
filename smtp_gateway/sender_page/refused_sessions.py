"""What was refused before it became a mail of an address: sessions gone wrong. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

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
    gone_wrong = SmtpSession.objects.filter(sender_address=address, went_well=False)
    newest = gone_wrong.order_by("-id").values("id")[:LOOKED_AT]
    groups = (
        SmtpSession.objects.filter(pk__in=newest, began_at__gte=since)
        .values_list("outcome")
        .annotate(number=Count("id"), newest=Max("id"))
        .order_by("-number", "outcome")
    )
    found = list(groups)
    sessions = SmtpSession.objects.defer("lines").in_bulk([newest for *_others, newest in found])
    return [RefusedSessions(outcome, number, sessions[newest]) for outcome, number, newest in found]
