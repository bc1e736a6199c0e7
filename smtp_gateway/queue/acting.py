"""What is done to deliveries by hand: retry now, cancel, release.

Each is one conditional statement, so that it is right whatever relays lease and record at the same
moment: a delivery that is in a relay's hand, or that has moved on, stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from smtp_gateway.queue.binding import binding_cursor

_ACT = """
WITH chosen AS (
    -- Locked in one order: who acts on the same mails at once doesn't wait in a circle.
    SELECT id FROM smtp_gateway_delivery
    WHERE id = ANY(%(ids)s) AND {condition}
    ORDER BY id FOR NO KEY UPDATE
), acted AS (
    UPDATE smtp_gateway_delivery AS delivery SET {changes}
    FROM chosen WHERE delivery.id = chosen.id
    RETURNING delivery.id,
        CASE delivery.lane WHEN 'paced' THEN 'batch' ELSE delivery.lane END AS lane
), event AS (
    INSERT INTO smtp_gateway_attempt (
        delivery_id, outcome, at, route, next_hop, reply, reason_code, reason, tls, duration_ms)
    SELECT id, '{outcome}', now(), '', '', '', 'by-hand', %(reason)s, '', 0 FROM acted
)
SELECT lane, count(*) FROM acted GROUP BY lane
"""
# The reason why it was deferred stays: it is still the last that is known. The clock is read when
# the lock is held: another retry may have begun later than this one, and been first.
_RETRY = _ACT.format(
    condition="state = 'queued' AND next_attempt_at > clock_timestamp()",
    changes="next_attempt_at = now()",
    outcome="retried",
)
_CANCEL = _ACT.format(
    condition="state IN ('queued', 'held')",
    changes="""
        state = 'cancelled', finished_at = now(),
        reason_code = 'cancelled', reason = %(reason)s""",
    outcome="cancelled",
)
_RELEASE = _ACT.format(
    condition="state = 'held'",
    changes="""
        state = 'queued', next_attempt_at = now(), crash_count = 0,
        lane = CASE lane WHEN 'batch' THEN 'paced' ELSE lane END,
        reason_code = 'released', reason = %(reason)s""",
    outcome="released",
)


@dataclass(frozen=True, slots=True)
class Acted:
    """On how many deliveries it was done, and in which lanes they are."""

    count: int = 0
    lanes: frozenset[str] = frozenset()
    queue_ids: tuple[str, ...] = ()
    """Of the mails that were made by sending again."""


def retry(delivery_ids: Sequence[int], *, operator: str) -> Acted:
    """Makes those of them due that wait for a later time."""
    return _act(_RETRY, delivery_ids, f"Retry asked for by {operator}.")


def cancel(delivery_ids: Sequence[int], *, operator: str) -> Acted:
    """Ends those of them that wait or are set aside. Nobody is sent a report of it."""
    return _act(_CANCEL, delivery_ids, f"Cancelled by {operator}.")


def release(delivery_ids: Sequence[int], *, operator: str) -> Acted:
    """Puts those of them back into the queue that are set aside, as if no relay had died."""
    return _act(_RELEASE, delivery_ids, f"Released by {operator}.")


def _act(statement: str, delivery_ids: Sequence[int], reason: str) -> Acted:
    with binding_cursor() as cursor:
        cursor.execute(statement, {"ids": list(delivery_ids), "reason": reason})
        by_lane = dict(cursor.fetchall())
    return Acted(sum(by_lane.values()), frozenset(by_lane))
