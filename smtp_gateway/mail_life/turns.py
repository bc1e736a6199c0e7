"""About when mail has its turn that waits for the pace of its sender, or for the sending window."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Pace:
    """What holds for mail of one sender."""

    mail_type: str
    per_minute: int | None
    """None: as fast as it goes; 0: nothing leaves."""


def turn_of(delivery: Delivery, now: datetime) -> Turn | None:
    """None where it waits for no turn."""
    if delivery.lane != WAITING_LANE or delivery.state != DeliveryState.QUEUED:
        return None
    row = SenderPace.objects.filter(pk=delivery.sender_key).first()
    mail_type = row.mail_type if row else "batch"
    per_minute = directory.policies()[mail_type].address.pace_per_minute
    if row is not None and row.per_minute is not None:
        per_minute = row.per_minute
    return _turn(delivery, Pace(mail_type, per_minute), row, 0, now)


def expected_turn(delivery: Delivery, pace: Pace, *, after: int = 0, now: datetime) -> Turn:
    """Of what nobody has submitted yet; `after` so many other recipients of the same mail."""
    row = SenderPace.objects.filter(pk=delivery.sender_key).first()
    return _turn(delivery, pace, row, after, now)


def _turn(
    delivery: Delivery, pace: Pace, row: SenderPace | None, after: int, now: datetime
) -> Turn:
    if pace.per_minute == 0:
        return Turn("halted")
    window = directory.policies()[pace.mail_type].window
    begins = max(now, row.next_slot_at if row else now, delivery.next_attempt_at)
    before = _before(delivery) if pace.per_minute else 0
    openings = _openings(window) if window else None
    code = "window-closed" if openings and openings(now)[0] > now else "paced"
    seconds = 60 * (before + after) / pace.per_minute if pace.per_minute else 0
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
