"""How much of what a sender address sent came back: for its standing and its pages.

Counts what came back after a next hop had taken it. What next hops refused at once is counted by
`smtp_gateway.rollups`; the two never count the same delivery.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from smtp_gateway.models import ReturnedMail, ReturnKind

_COUNTED = {
    "hard_bounces": Count("pk", filter=Q(kind=ReturnKind.FAILED)),
    "complaints": Count("pk", filter=Q(kind=ReturnKind.COMPLAINT)),
}


@dataclass(frozen=True, slots=True)
class ReturnCounts:
    """Deliveries that came back; each counts once for each of the two."""

    hard_bounces: int = 0
    """The recipient's fault, for good: no such mailbox, and the like."""
    complaints: int = 0


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The same of one day, in the current time zone."""

    day: date
    counts: ReturnCounts


def counts_of(sender_address: str, since: datetime) -> ReturnCounts:
    """What came back of `sender_address` from `since` on."""
    return ReturnCounts(**_counted(sender_address, since).aggregate(**_COUNTED))


def counts_by_day(sender_address: str, since: datetime) -> list[DayCounts]:
    """The same by day, oldest first; days without any are left out."""
    by_day = _counted(sender_address, since).annotate(day=TruncDate("received_at")).values("day")
    rows = by_day.annotate(**_COUNTED).order_by("day").values_list("day", *_COUNTED)
    return [DayCounts(day, ReturnCounts(*numbers)) for day, *numbers in rows]


def _counted(sender_address: str, since: datetime) -> "QuerySet[ReturnedMail, ReturnedMail]":
    counted = ReturnedMail.objects.filter(is_counted=True)
    return counted.filter(sender_address=sender_address, received_at__gte=since).order_by()
