"""What waits at this moment: by lane, by route, and why.

A queue of thousands is looked at while a page waits. For one of millions Celery does it every
minute, and the page says how old that is.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from smtp_gateway.findings import store, stored
from smtp_gateway.models import Delivery, DeliveryState, Message
from smtp_gateway.relay.next_hop import InvalidRelayUrl
from smtp_gateway.relay.routing import Routing
from smtp_gateway.routes.loading import load_routing

MOST_AT_ONCE = 2_000
FINDING = "queue-survey"
LANES = ("trigger", "batch")

# One state at a time: each has a partial index, and no plan finds both of them in an IN. Beside a
# million finished mails it read the whole table for two thousand that wait.
_HOW_MANY = """
SELECT count(*) FROM (
    SELECT FROM smtp_gateway_delivery WHERE state = 'queued' UNION ALL
    SELECT FROM smtp_gateway_delivery WHERE state = 'leased' LIMIT %s) AS waiting
"""
# By what decides on its route, and why it waits.
_WAITING = """
SELECT message.mail_type, message.origin,
    substring(message.mail_from FROM '@([^@]*)$'), substring(delivery.recipient FROM '@([^@]*)$'),
    CASE WHEN state = 'leased' THEN 'in-hand' WHEN reason_code <> '' THEN reason_code
        WHEN attempt_count > 0 THEN 'deferred' WHEN lane = 'paced' THEN 'paced'
        WHEN next_attempt_at <= now() THEN 'first-attempt'
        ELSE 'turn' END,
    count(*), count(*) FILTER (WHERE state = 'queued' AND attempt_count > 0),
    min(message.accepted_at)
FROM (SELECT * FROM smtp_gateway_delivery WHERE state = 'queued' UNION ALL
    SELECT * FROM smtp_gateway_delivery WHERE state = 'leased') AS delivery
JOIN smtp_gateway_message AS message ON message.id = delivery.message_id
GROUP BY 1, 2, 3, 4, 5
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many recipients of a lane wait for a route, all of them for the same reason."""

    lane: str
    route: str
    code: str
    number: int
    deferred: int
    """Of them those that were tried before."""
    oldest_accepted_at: datetime

    def __add__(self, other: "Waiting") -> "Waiting":
        return replace(
            self,
            number=self.number + other.number,
            deferred=self.deferred + other.deferred,
            oldest_accepted_at=min(self.oldest_accepted_at, other.oldest_accepted_at),
        )


@dataclass(frozen=True, slots=True)
class Survey:
    """All that waits, by lane, route and reason; how it was at that time."""

    waiting: Sequence[Waiting]
    at: datetime


def survey() -> Survey:
    """Of now; where a lot waits the newest that is stored. Empty before there is one."""
    if _is_short():
        return take()
    finding = stored([FINDING]).get(FINDING)
    if finding is None:
        return Survey([], timezone.now())
    return Survey([_of_json(row) for row in finding.value], finding.found_at)


def store_if_long() -> None:
    """For Celery: takes the survey for which a page would wait too long."""
    if not _is_short():
        store({FINDING: [_to_json(row) for row in take().waiting]})


def take() -> Survey:
    """Looks at everything that waits."""
    at, name_of = timezone.now(), _route_names()
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        rows = [
            Waiting(lane, name_of(origin, lane, sender, recipient), code, *numbers)
            for lane, origin, sender, recipient, code, *numbers in cursor.fetchall()
        ]
    return Survey(added(rows, lambda row: (row.lane, row.route, row.code)), at)


def added(rows: Sequence[Waiting], key: Callable[[Waiting], object]) -> list[Waiting]:
    """Those with the same key as one, the most numerous first."""
    found: dict[object, Waiting] = {}
    for row in rows:
        at = key(row)
        found[at] = found[at] + row if at in found else row
    return sorted(found.values(), key=lambda row: (-row.number, row.route, row.lane, row.code))


def set_aside() -> dict[str, int]:
    """By lane: what moves only by somebody's hand."""
    held = Delivery.objects.filter(state=DeliveryState.HELD).order_by()
    return dict(held.values_list("lane").annotate(Count("id")))


def has_submitted_mail() -> bool:
    """Whether any sender address ever sent."""
    return Message.objects.exclude(sender_address="").exists()


def _is_short() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_HOW_MANY, [MOST_AT_ONCE + 1])
        ((number,),) = cursor.fetchall()
    return bool(number <= MOST_AT_ONCE)


def _route_names() -> Callable[[str, str, str | None, str | None], str]:
    try:
        routing: Routing = load_routing()
    except InvalidRelayUrl:
        return lambda *_: "RELAY_URL"

    def name_of(origin: str, lane: str, sender: str | None, recipient: str | None) -> str:
        choice = routing.route(
            origin=origin,
            mail_type=lane,
            mail_from=f"@{sender or ''}",
            recipient=f"@{recipient or ''}",
        )
        return choice.spec.name

    return name_of


def _to_json(row: Waiting) -> dict[str, Any]:
    return {**asdict(row), "oldest_accepted_at": row.oldest_accepted_at.isoformat()}


def _of_json(value: dict[str, Any]) -> Waiting:
    oldest = parse_datetime(value["oldest_accepted_at"]) or timezone.now()
    return Waiting(**{**value, "oldest_accepted_at": oldest})
