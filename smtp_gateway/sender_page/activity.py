"""The last 30 days of one sender address: what happened each day, and why mail failed. Reads only.

How often, the counts know. They also say in which hour something failed last, so that the newest
example is found by a look at that hour alone, however much mail there is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from smtp_gateway.models import HourlyCount
from smtp_gateway.planning import by_index
from smtp_gateway.rollups.periods import Period, period
from smtp_gateway.rollups.reading import Tail, numbers, read
from smtp_gateway.rollups.values import FAILURES, Number, Reason, Slot, by_reason, by_slot

REASONS_SHOWN = 6
_HOUR = timedelta(hours=1)

# The outcome comes as a literal, since the indexes are of some outcomes only.
_NEWEST = """
(SELECT %s, message.queue_id, delivery.recipient, attempt.at, attempt.reply, attempt.reason
FROM smtp_gateway_attempt AS attempt
JOIN smtp_gateway_delivery AS delivery ON delivery.id = attempt.delivery_id
JOIN smtp_gateway_message AS message ON message.id = delivery.message_id
WHERE attempt.outcome = %s AND attempt.at >= %s AND attempt.at < %s
  AND (attempt.category = %s OR attempt.category = '' AND attempt.reason_code = %s)
  AND message.sender_address = %s
ORDER BY attempt.at DESC LIMIT 1)
"""

Hours = Mapping[tuple[str, str], datetime]
"""By outcome and reason, the hour in which it happened last."""


@dataclass(frozen=True, slots=True)
class Example:
    """The newest attempt that failed for a reason."""

    queue_id: str
    recipient: str
    at: datetime
    reply: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason; `example` is None where its mail is forgotten already."""

    reason: Reason
    example: Example | None


@dataclass(frozen=True, slots=True)
class Activity:
    """Days of the current time zone, the running one last; the most frequent reason first."""

    since: datetime
    days: Sequence[Slot]
    failures: Sequence[Failure]


def activity(address: str, now: datetime) -> Activity:
    """What the counts say of the address, right to the mail."""
    month = period("30d", now, timezone.get_current_timezone())

    def find(tail: Tail) -> tuple[Sequence[Number], Hours]:
        found = numbers(tail, month.begins, month.until, address)
        return found, _newest_hours(tail, address, month)

    found, hours = read(find)
    reasons = by_reason(found)[:REASONS_SHOWN]
    examples = _examples(address, reasons, hours)
    failures = [Failure(reason, examples.get(place)) for place, reason in enumerate(reasons)]
    return Activity(month.since, by_slot(_whatever_the_reason(found), month.begins), failures)


def _whatever_the_reason(found: Sequence[Number]) -> list[Number]:
    """One number for each day and outcome: adding up all of them would take milliseconds."""
    events, recipients = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    for number in found:
        events[number.slot, number.outcome] += number.events
        recipients[number.slot, number.outcome] += number.recipients
    return [
        Number(slot, "", outcome, "", events[slot, outcome], count, 0)
        for (slot, outcome), count in recipients.items()
    ]


def _newest_hours(tail: Tail, address: str, month: Period) -> Hours:
    counted = (
        HourlyCount.objects.filter(
            sender_address=address,
            begin__gte=month.since,
            begin__lt=month.until,
            outcome__in=FAILURES,
        )
        .values_list("outcome", "reason")
        .annotate(newest=Max("begin"))
        .order_by()
    )
    late = (row for row in tail.rows if row.is_of(address, month.since, month.until))
    return _latest([*counted, *((row.outcome, row.reason, row.begin) for row in late)])


def _latest(rows: Iterable[tuple[str, str, datetime]]) -> Hours:
    found: dict[tuple[str, str], datetime] = {}
    for outcome, code, begin in rows:
        found[outcome, code] = max(begin, found.get((outcome, code), begin))
    return found


def _examples(address: str, reasons: Sequence[Reason], hours: Hours) -> Mapping[int, Example]:
    """By the place of the reason."""
    if not reasons:
        return {}
    values: list[str | int | datetime] = []
    for place, reason in enumerate(reasons):
        hour = hours[reason.outcome, reason.code]
        values += [place, reason.outcome, hour, hour + _HOUR, reason.code, reason.code, address]
    with by_index(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([_NEWEST] * len(reasons)), values)
        return {place: Example(*facts) for place, *facts in cursor.fetchall()}
