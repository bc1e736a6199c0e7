"""Back into the queue without an attempt: what cannot be begun now, with when and why."""

from collections.abc import Collection

from smtp_gateway.queue.binding import binding_cursor

# A quarter later at most, so that what waits together does not come back together.
_POSTPONE = """
UPDATE smtp_gateway_delivery SET
    state = 'queued', leased_by = NULL,
    -- In its time it waits for a slot once more.
    lane = CASE lane WHEN 'batch' THEN 'paced' ELSE lane END,
    reason_code = %s, reason = %s,
    next_attempt_at = now() + make_interval(secs => %s * (1 + 0.25 * random()))
WHERE state = 'leased' AND leased_by = %s AND id = ANY(%s)
"""

_LEAVE = """
UPDATE smtp_gateway_delivery SET state = 'queued', leased_by = NULL
WHERE state = 'leased' AND leased_by = %s AND id = ANY(%s)
"""


def postpone(
    *, relay_id: int, delivery_ids: Collection[int], seconds: float, code: str, reason: str
) -> None:
    """Gives back what this relay holds and has not begun, for so many seconds or a little more."""
    with binding_cursor() as cursor:
        cursor.execute(_POSTPONE, [code, reason, seconds, relay_id, list(delivery_ids)])


def leave(*, relay_id: int, delivery_ids: Collection[int]) -> None:
    """Gives back what this relay holds and has not begun, as due as it was: others can send it."""
    with binding_cursor() as cursor:
        cursor.execute(_LEAVE, [relay_id, list(delivery_ids)])
