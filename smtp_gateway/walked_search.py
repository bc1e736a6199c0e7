"""All that a search finds which no index carries: a part of a subject, or a domain.

It is looked for newest first, in statements of a bounded number of deliveries each: one long
statement would hold back PostgreSQL's cleaning of the queue, and end at its time limit.
"""

from django.db.models import Max, Min, Q, QuerySet

from smtp_gateway.models import Delivery
from smtp_gateway.planning import first_rows

LOOKED_AT = 20_000
"""Ids of deliveries that one statement looks at."""
MOST_LOOKED_AT = 2_000_000
"""Ids that one search looks at: as many as somebody waits for."""

Deliveries = QuerySet[Delivery, Delivery]


def newest_of_walk(rows: Deliveries, matching: Q, within: Q, *, most: int) -> list[tuple[int, int]]:
    """Delivery id and message id of the newest `most` that match, newest first.

    `within`: a range of ids.
    """
    oldest, newest = _span(within)
    found: list[tuple[int, int]] = []
    until = max(oldest, newest - MOST_LOOKED_AT + 1)
    for last in range(newest, until - 1, -LOOKED_AT):
        first = max(until, last - LOOKED_AT + 1)
        window = rows.filter(matching, pk__gte=first, pk__lte=last).order_by("-id")
        with first_rows():
            found += window.values_list("id", "message_id")[: most - len(found)]
        if len(found) >= most:
            break
    return found


def is_too_long(within: Q) -> bool:
    """Whether there is mail in a range of ids that a walk does not come to."""
    oldest, newest = _span(within)
    return newest - oldest >= MOST_LOOKED_AT


def _span(within: Q) -> tuple[int, int]:
    """The oldest and the newest delivery; (1, 0): there is none."""
    span = Delivery.objects.filter(within).aggregate(oldest=Min("id"), newest=Max("id"))
    return span["oldest"] or 1, span["newest"] or 0
