"""The facts that are counted: SQL that makes numbers of deliveries and attempts.

Both tables are only ever appended to: a delivery is counted as accepted when it appears, everything
else when its attempt does. A recipient counts once for each outcome, however often it happened.
"""

from typing import Any

from smtp_gateway import reasons

ALL = "*"
"""In the place of a sender address: all of them together."""

# Terminal outcomes happen once; of the others the first one is looked for. Not by EXISTS: the
# planner would read the whole table for that.
_FIRST = """(
    SELECT true FROM smtp_gateway_attempt AS earlier
    WHERE earlier.delivery_id = attempt.delivery_id AND earlier.id < attempt.id
      AND earlier.outcome = attempt.outcome{same} LIMIT 1) IS NULL"""
_REASON = "coalesce(nullif({of}.category, ''), {of}.reason_code)"
_MAY_REPEAT = "attempt.outcome IN ('deferred', 'uncertain', 'set-aside')"

# The bounds are values and not looked up here, so that the planner knows how few rows there are.
_FACTS = """
SELECT date_bin('1 hour', message.accepted_at, '2000-01-01 00:00+00') AS begin,
    message.sender_address, message.mail_type, 'accepted' AS outcome, '' AS reason,
    count(*) AS events, count(*) AS recipients, count(*) AS reason_recipients
FROM smtp_gateway_delivery AS delivery
JOIN smtp_gateway_message AS message ON message.id = delivery.message_id
WHERE delivery.id > %(after_delivery)s AND delivery.id <= %(last_delivery)s
GROUP BY 1, 2, 3
UNION ALL
SELECT begin, sender_address, mail_type, outcome, reason, count(*),
    count(*) FILTER (WHERE is_first), count(*) FILTER (WHERE is_first_for_reason)
FROM (
    SELECT date_bin('1 hour', attempt.at, '2000-01-01 00:00+00') AS begin,
        message.sender_address, message.mail_type,
        CASE WHEN attempt.outcome = 'relayed' AND attempt.reason_code = ANY(%(kept)s) THEN 'kept'
            ELSE attempt.outcome END AS outcome,
        CASE WHEN attempt.outcome IN ('deferred', 'bounced', 'expired', 'returned')
            THEN {reason} ELSE '' END AS reason,
        CASE WHEN {may_repeat} THEN {first} ELSE true END AS is_first,
        CASE WHEN {may_repeat} THEN {first_for_reason} ELSE true END AS is_first_for_reason
    FROM smtp_gateway_attempt AS attempt
    JOIN smtp_gateway_delivery AS delivery ON delivery.id = attempt.delivery_id
    JOIN smtp_gateway_message AS message ON message.id = delivery.message_id
    WHERE attempt.id > %(after_attempt)s AND attempt.id <= %(last_attempt)s
      AND attempt.outcome IN (
        'relayed', 'deferred', 'bounced', 'expired', 'cancelled', 'uncertain', 'set-aside',
        'returned')
) AS event
GROUP BY 1, 2, 3, 4, 5
"""
FACTS = _FACTS.format(
    reason=_REASON.format(of="attempt"),
    may_repeat=_MAY_REPEAT,
    first=_FIRST.format(same=""),
    first_for_reason=_FIRST.format(
        same=f" AND {_REASON.format(of='earlier')} = {_REASON.format(of='attempt')}"
    ),
)
"""Begin of the hour, sender address, mail type, outcome, reason, events, recipients, recipients for
the first time for that reason; for the values that `bounds` makes."""

LAST = 2**62
"""A bound behind everything."""

KEPT = list(reasons.KEPT)


def bounds(
    after_delivery: int, after_attempt: int, last_delivery: int = LAST, last_attempt: int = LAST
) -> dict[str, Any]:
    """The values of FACTS: what lies behind the first two ids, up to the last two."""
    return {
        "after_delivery": after_delivery, "after_attempt": after_attempt,
        "last_delivery": last_delivery, "last_attempt": last_attempt, "kept": KEPT,
    }  # fmt: skip
