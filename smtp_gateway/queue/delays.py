"""Deliveries that wait for long: a warning to the sender becomes due, once each.

What waits may be millions, so a call looks at a bounded number and says how to go on. A round
through all takes as many calls as it takes; a warning is in no hurry.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from smtp_gateway.queue.binding import binding_cursor


@dataclass(frozen=True, slots=True)
class DelayWalk:
    """Where in a lane a walk through all that waits has come to."""

    lane: str
    behind_at: datetime
    behind_id: int = 0


# In the order of the index that finds what is due. Deliveries that move meanwhile, or are in a
# relay's hand, are met in the next round.
_WALK = """
WITH waiting AS (
    SELECT delivery.id, next_attempt_at, message_id, dsn_notify,
           -- Never tried, and without a reason, what is not due or has no slot: it waits for its
           -- turn, by plan.
           attempt_count > 0 OR reason_code NOT IN ('', 'paced')
               OR (next_attempt_at <= now() AND lane <> 'paced') AS is_late
    FROM smtp_gateway_delivery AS delivery
    WHERE state = 'queued' AND lane = %(lane)s
      AND next_attempt_at >= %(behind_at)s
      AND (next_attempt_at, id) > (%(behind_at)s, %(behind_id)s)
    ORDER BY next_attempt_at, id
    LIMIT %(limit)s
), late AS (
    SELECT waiting.id
    FROM waiting JOIN smtp_gateway_message AS message ON message.id = waiting.message_id
    WHERE is_late
      AND (dsn_notify = '' OR dsn_notify LIKE '%%DELAY%%')
      AND accepted_at < now() - make_interval(secs => %(seconds)s)
      AND origin <> 'system' AND mail_from <> ''
), warned AS (
    INSERT INTO smtp_gateway_deliveryreport (delivery_id, kind, due_at)
    SELECT id, 'delayed', now() FROM late
    WHERE NOT EXISTS (
        SELECT FROM smtp_gateway_deliveryreport AS report
        WHERE report.delivery_id = late.id AND report.kind = 'delayed')
    ON CONFLICT DO NOTHING
)
SELECT next_attempt_at, id FROM waiting ORDER BY next_attempt_at DESC, id DESC LIMIT 1
"""


def make_delay_reports_due(
    walk: DelayWalk, *, waiting_for: timedelta, limit: int
) -> DelayWalk | None:
    """Looks at up to `limit` deliveries that wait, and has the sender warned of those that were
    accepted `waiting_for` ago, unless NOTIFY leaves DELAY out (RFC 3461 section 4.1).

    Returns where to go on; None: this was the end of the lane.
    """
    values = {
        "lane": walk.lane,
        "behind_at": walk.behind_at,
        "behind_id": walk.behind_id,
        "limit": limit,
        "seconds": waiting_for.total_seconds(),
    }
    with binding_cursor() as cursor:
        cursor.execute(_WALK, values)
        row = cursor.fetchone()
    return DelayWalk(walk.lane, *row) if row else None
