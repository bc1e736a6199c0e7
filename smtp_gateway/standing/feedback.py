"""What came from recipients after a next hop had taken mail: bounces, complaints, opt-outs."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q

from senders.models import Suppression
from senders.suppression import Reason
from smtp_gateway.models import ReturnedMail, ReturnKind

# What happened before a brake was released counts for none any more.
_RECENTLY = """
SELECT returned.sender_address,
    count(*) FILTER (WHERE returned.kind = 'failed' AND received_at >= %(bounces_since)s),
    count(*) FILTER (WHERE returned.kind = 'complaint')
FROM senders_senderaddress AS sender
JOIN smtp_gateway_returnedmail AS returned ON returned.sender_address = sender.address
LEFT JOIN senders_standing AS standing ON standing.sender_id = sender.id
WHERE returned.is_counted AND returned.received_at >= %(since)s
  AND returned.received_at >= coalesce(standing.released_at, '-infinity')
GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Feedback:
    """Of one address, since some time; each delivery counts once."""

    hard_came_back: int = 0
    complaints: int = 0
    opt_outs: int = 0


def feedback(addresses: Collection[str], since: datetime) -> dict[str, Feedback]:
    """Of `addresses`; who is missing heard nothing."""
    found: dict[str, Feedback] = defaultdict(Feedback)
    returned = ReturnedMail.objects.filter(
        is_counted=True, sender_address__in=addresses, received_at__gte=since
    )
    counts = (
        returned.order_by()
        .values_list("sender_address")
        .annotate(
            bounces=Count("pk", filter=Q(kind=ReturnKind.FAILED)),
            complaints=Count("pk", filter=Q(kind=ReturnKind.COMPLAINT)),
        )
    )
    for address, bounces, complaints in counts:
        found[address] = Feedback(bounces, complaints)
    for address, opt_outs in _opt_outs(addresses, since):
        found[address] = replace(found[address], opt_outs=opt_outs)
    return found


def feedback_recently(since: datetime, bounces_since: datetime) -> dict[str, Feedback]:
    """Of every address, without opt-outs: complaints from `since` on."""
    with connection.cursor() as cursor:
        cursor.execute(_RECENTLY, {"since": since, "bounces_since": bounces_since})
        return {address: Feedback(*counts) for address, *counts in cursor.fetchall()}


def _opt_outs(addresses: Collection[str], since: datetime) -> list[tuple[str, int]]:
    rows = Suppression.objects.filter(
        reason=Reason.OPT_OUT, caused_by__in=addresses, created_at__gte=since
    )
    return list(rows.order_by().values_list("caused_by").annotate(Count("pk")))
