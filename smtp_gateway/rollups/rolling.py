"""Keeps the counts up to date: what has settled since the last time is added, once.

The counts and how far they go are changed in one transaction, under the lock of one row. So a
worker that is killed has counted a piece or has not, and several at once do not count it twice.
"""

import time
from datetime import datetime, timedelta

from django.db import connection, transaction

from smtp_gateway.models import DailyCount, HourlyCount, RollupState
from smtp_gateway.rollups import settling
from smtp_gateway.rollups.facts import ALL, FACTS, bounds

HOURS_KEPT = timedelta(days=65)
"""30 days, the 30 before them, and some more for the edges."""
DAYS_KEPT = timedelta(days=5 * 365)
_ROWS_EACH = 20_000
_FORGET_EACH = 5_000

_ADD = """
INSERT INTO {table} AS known (
    begin, sender_address, mail_type, outcome, reason, events, recipients, reason_recipients)
SELECT {begin}, sender_address, mail_type, outcome, reason,
    sum(events), sum(recipients), sum(reason_recipients)
FROM counted GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (sender_address, begin, mail_type, outcome, reason) DO UPDATE SET
    events = known.events + excluded.events,
    recipients = known.recipients + excluded.recipients,
    reason_recipients = known.reason_recipients + excluded.reason_recipients
"""
ADD_HOURS = _ADD.format(table="smtp_gateway_hourlycount", begin="begin")
ADD_DAYS = _ADD.format(
    table="smtp_gateway_dailycount",
    begin="date_bin('1 day', begin, '2000-01-01 00:00+00')",
)
# Of each sender address, and of all together.
_COUNTED = """
fact AS MATERIALIZED ({facts}), counted AS (
    SELECT * FROM fact
    UNION ALL
    SELECT begin, '{all}', mail_type, outcome, reason, events, recipients, reason_recipients
    FROM fact
)
"""
COUNTED = _COUNTED.format(facts=FACTS, all=ALL)
_ROLL = f"WITH {COUNTED}, hourly AS ({ADD_HOURS}) {ADD_DAYS}"


def roll_up(*, most: int = _ROWS_EACH) -> bool:
    """Counts up to `most` deliveries and attempts each; whether there is more at once."""
    RollupState.objects.bulk_create([RollupState(pk=1)], ignore_conflicts=True)
    with transaction.atomic():
        state = RollupState.objects.select_for_update(skip_locked=True).filter(pk=1).first()
        if state is None:
            return False
        _settle(state)
        is_left = _count(state, most)
        state.save()
    return is_left


def catch_up(*, seconds: float) -> None:
    """Counts all that has settled, or as much as there is time for."""
    deadline = time.monotonic() + seconds
    while roll_up() and time.monotonic() < deadline:
        pass


def counted_until() -> datetime | None:
    """What was committed before is counted; None: not yet that far from the beginning."""
    return RollupState.objects.filter(pk=1).values_list("counted_until", flat=True).first()


def forget_old(now: datetime) -> bool:
    """Forgets hours and days whose time is over, a bounded piece; whether there is more."""
    hours = _forget(HourlyCount, now - HOURS_KEPT)
    days = _forget(DailyCount, now - DAYS_KEPT)
    return max(hours, days) >= _FORGET_EACH


def _settle(state: RollupState) -> None:
    """Has `state` name the ids up to which can be counted, if it does not yet."""
    if state.settling_at is None:
        found = settling.newest()
        state.settling_delivery_id, state.settling_attempt_id = found.delivery_id, found.attempt_id
        state.settling_at, state.settling_writers = found.at, sorted(found.writers)
    elif state.settling_writers:
        state.settling_writers = sorted(settling.writers().intersection(state.settling_writers))


def _count(state: RollupState, most: int) -> bool:
    if state.settling_writers or state.settling_at is None:
        return False
    deliveries, attempts = state.settling_delivery_id or 0, state.settling_attempt_id or 0
    to_delivery = min(deliveries, state.delivery_id + most)
    to_attempt = min(attempts, state.attempt_id + most)
    if to_delivery > state.delivery_id or to_attempt > state.attempt_id:
        with connection.cursor() as cursor:
            piece = bounds(state.delivery_id, state.attempt_id, to_delivery, to_attempt)
            cursor.execute(_ROLL, piece)
        state.turn += 1
    # What is counted stays so where the newest were forgotten meanwhile.
    state.delivery_id = max(to_delivery, state.delivery_id)
    state.attempt_id = max(to_attempt, state.attempt_id)
    if to_delivery < deliveries or to_attempt < attempts:
        return True
    state.counted_until, state.settling_at = state.settling_at, None
    return False


def _forget(model: type[HourlyCount] | type[DailyCount], before: datetime) -> int:
    old = model.objects.filter(begin__lt=before).order_by("begin").values_list("pk", flat=True)
    return model.objects.filter(pk__in=list(old[:_FORGET_EACH])).delete()[0]
