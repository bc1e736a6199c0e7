"""About when mail has its turn that waits for the pace of its sender, or for the sending window."""

from datetime import datetime

from senders.policies.policy import SendingWindow
from smtp_gateway import directory
from smtp_gateway.models import Delivery, DeliveryState, SenderPace
from smtp_gateway.paces import NextOpening, opening, turn_after
from smtp_gateway.planning import by_index
from smtp_gateway.queue.binding import binding_cursor
from smtp_gateway.queue.pacing import WAITING_LANE
from smtp_gateway.waiting import Turn

# What is before it is counted so far; with more, it is said from when on at the earliest.
MOST_COUNTED = 50_000
_BEFORE = """
SELECT count(*) FROM (
    SELECT FROM smtp_gateway_delivery
    WHERE state = 'queued'
      AND (lane, sender_key, next_attempt_at) >= ('paced', %(key)s, '-infinity')
      AND (lane, sender_key, next_attempt_at, id) < ('paced', %(key)s, %(at)s, %(id)s)
    ORDER BY lane, sender_key, next_attempt_at LIMIT %(most)s) AS earlier
"""


def turn_of(delivery: Delivery, now: datetime) -> Turn | None:
    """None where it waits for no turn."""
    if delivery.lane != WAITING_LANE or delivery.state != DeliveryState.QUEUED:
        return None
    pace = SenderPace.objects.filter(pk=delivery.sender_key).first()
    policy = directory.policies()[pace.mail_type if pace else "batch"]
    per_minute = policy.address.pace_per_minute
    if pace is not None and pace.per_minute is not None:
        per_minute = pace.per_minute
    if per_minute == 0:
        return Turn("halted")
    begins = max(now, pace.next_slot_at if pace else now, delivery.next_attempt_at)
    before = _before(delivery) if per_minute else 0
    openings = _openings(policy.window) if policy.window else None
    code = "window-closed" if openings and openings(now)[0] > now else "paced"
    seconds = 60 * before / per_minute if per_minute else 0
    return Turn(code, turn_after(seconds, begins, openings), is_earliest=before >= MOST_COUNTED)


def _openings(window: SendingWindow) -> NextOpening:
    return lambda at: opening(window.opens, window.closes, window.time_zone, at)


def _before(delivery: Delivery) -> int:
    values = {
        "key": delivery.sender_key, "at": delivery.next_attempt_at, "id": delivery.pk,
        "most": MOST_COUNTED,
    }  # fmt: skip
    with by_index(), binding_cursor() as cursor:
        cursor.execute(_BEFORE, values)
        ((number,),) = cursor.fetchall()
        return int(number)
