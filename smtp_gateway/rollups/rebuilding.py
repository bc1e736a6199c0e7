"""Counts anew what can still be counted: of the time of which no mail was forgotten yet.

The facts are read in bounded pieces into a table of this connection alone, and take the place of
the counts in one transaction at the end. Until then, and if it is stopped, all stays as it was.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime

from smtp_gateway.findings import stored
from smtp_gateway.models import DailyCount, HourlyCount, RollupState
from smtp_gateway.rollups import rolling
from smtp_gateway.rollups.facts import bounds

FORGOTTEN = "history-forgotten-before"
"""The finding that says which mail may be gone: what ended before that time."""
_ROWS_EACH = 20_000
_DAY = timedelta(days=1)

_BEGIN = """
DROP TABLE IF EXISTS counted_anew;
CREATE TEMPORARY TABLE counted_anew (
    begin timestamptz, sender_address text, mail_type text, outcome text, reason text,
    events bigint, recipients bigint, reason_recipients bigint)
"""
_PIECE = "WITH {counted} INSERT INTO counted_anew SELECT * FROM counted WHERE begin >= %(since)s"
_PUT = "WITH counted AS (SELECT * FROM counted_anew WHERE begin >= %(hours_since)s) {add}"
_PUT_DAYS = "WITH counted AS (SELECT * FROM counted_anew) {add}"

Told = Callable[[int, int], None]
"""Called with how far the deliveries and the attempts are counted."""


def _nobody(_deliveries: int, _attempts: int) -> None: ...


def rebuild(now: datetime, told: Told = _nobody) -> datetime:
    """Counts anew; returns from when on. What is older stays as it was counted then."""
    rolling.catch_up(seconds=600)
    since = _first_whole_day(now)
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN)
    counted = _count_pieces(since, (0, 0), RollupState.objects.get(pk=1), told)
    with transaction.atomic():
        state = RollupState.objects.select_for_update().get(pk=1)
        # What was counted by others meanwhile is little.
        _count_pieces(since, counted, state)
        _replace(since, now)
        state.turn += 1
        state.save(update_fields=["turn"])
    return since


def _first_whole_day(now: datetime) -> datetime:
    """Of UTC, behind all that may have been forgotten."""
    forgotten = stored([FORGOTTEN]).get(FORGOTTEN)
    oldest = now - settings.MAIL_HISTORY_LIFETIME
    # It may have been shorter before.
    if forgotten and (before := parse_datetime(forgotten.value)) is not None:
        oldest = max(oldest, before)
    behind = (oldest + 2 * _DAY).astimezone(UTC)
    return behind.replace(hour=0, minute=0, second=0, microsecond=0)


def _count_pieces(
    since: datetime, begun: tuple[int, int], state: RollupState, told: Told = _nobody
) -> tuple[int, int]:
    """From behind `begun` up to where `state` has counted: nothing there changes any more."""
    deliveries, attempts = begun
    while deliveries < state.delivery_id or attempts < state.attempt_id:
        piece = bounds(
            deliveries,
            attempts,
            min(deliveries + _ROWS_EACH, state.delivery_id),
            min(attempts + _ROWS_EACH, state.attempt_id),
        )
        with connection.cursor() as cursor:
            statement = _PIECE.format(counted=rolling.COUNTED)
            cursor.execute(statement, {**piece, "since": since})
        deliveries, attempts = piece["last_delivery"], piece["last_attempt"]
        told(deliveries, attempts)
    return state.delivery_id, state.attempt_id


def _replace(since: datetime, now: datetime) -> None:
    HourlyCount.objects.filter(begin__gte=since).delete()
    DailyCount.objects.filter(begin__gte=since).delete()
    values = {"hours_since": now - rolling.HOURS_KEPT}
    with connection.cursor() as cursor:
        cursor.execute(_PUT.format(add=rolling.ADD_HOURS), values)
        cursor.execute(_PUT_DAYS.format(add=rolling.ADD_DAYS))
        cursor.execute("DROP TABLE counted_anew")
