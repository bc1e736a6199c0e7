"""What came from recipients after a next hop had taken mail: bounces, complaints, opt-outs."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from senders.suppression import Reason

# One mailbox counts once, however many mails somebody has sent to it, or has answered from it.
# What stands behind a plus sign is, nearly everywhere, the same mailbox.
_MAILBOX = "lower(regexp_replace(returned.recipient, '[+][^@]*@', '@'))"
_SINCE = f"""
SELECT returned.sender_address,
    count(DISTINCT {_MAILBOX}) FILTER (WHERE returned.kind = 'failed' AND returned.is_counted),
    count(DISTINCT {_MAILBOX}) FILTER (WHERE returned.kind = 'complaint' AND returned.is_counted),
    count(DISTINCT {_MAILBOX}) FILTER (WHERE returned.kind = 'failed')
FROM smtp_gateway_returnedmail AS returned
WHERE returned.sender_address = ANY(%(addresses)s) AND returned.received_at >= %(since)s
  AND returned.kind IN ('failed', 'complaint')
GROUP BY 1
"""  # noqa: S608 - put together of constants
# Who opts out, undoes it and opts out again is one who opted out.
_OPT_OUTS = """
SELECT caused_by, count(DISTINCT lower(regexp_replace(target, '[+][^@]*@', '@')))
FROM senders_suppression
WHERE reason = %(reason)s AND caused_by = ANY(%(addresses)s) AND created_at >= %(since)s
GROUP BY 1
"""
# What happened before a brake was released counts for none any more, nor what comes later about
# mail that had left before. Complaints come days after their mails: of those that left before the
# window, nobody knows here how many they were.
_RECENTLY = f"""
SELECT returned.sender_address,
    count(DISTINCT {_MAILBOX}) FILTER (
        WHERE returned.kind = 'failed' AND received_at >= %(bounces_since)s),
    count(DISTINCT {_MAILBOX}) FILTER (
        WHERE returned.kind = 'complaint' AND coalesce(delivery.finished_at >= %(since)s, true))
FROM senders_senderaddress AS sender
JOIN smtp_gateway_returnedmail AS returned ON returned.sender_address = sender.address
LEFT JOIN senders_standing AS standing ON standing.sender_id = sender.id
LEFT JOIN smtp_gateway_delivery AS delivery ON delivery.id = returned.delivery_id
WHERE returned.is_counted AND returned.received_at >= %(since)s
  AND returned.received_at >= coalesce(standing.released_at, '-infinity')
  AND coalesce(delivery.finished_at >= standing.released_at, true)
GROUP BY 1
"""  # noqa: S608 - put together of constants


@dataclass(frozen=True, slots=True)
class Feedback:
    """Of one address, since some time; each recipient counts once in each."""

    hard_came_back: int = 0
    complaints: int = 0
    came_back: int = 0
    """For whatever reason."""
    opt_outs: int = 0


def feedback(addresses: Collection[str], since: datetime) -> dict[str, Feedback]:
    """Of `addresses`; who is missing heard nothing."""
    found: dict[str, Feedback] = defaultdict(Feedback)
    for address, *counts in _rows(_SINCE, {"addresses": list(addresses), "since": since}):
        found[address] = Feedback(*counts)
    asked = {"reason": Reason.OPT_OUT, "addresses": list(addresses), "since": since}
    for address, opt_outs in _rows(_OPT_OUTS, asked):
        found[address] = replace(found[address], opt_outs=opt_outs)
    return found


def feedback_recently(since: datetime, bounces_since: datetime) -> dict[str, Feedback]:
    """Of every address, without opt-outs: complaints from `since` on."""
    rows = _rows(_RECENTLY, {"since": since, "bounces_since": bounces_since})
    return {address: Feedback(*counts) for address, *counts in rows}


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
