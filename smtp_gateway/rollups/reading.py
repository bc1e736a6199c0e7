"""Reads the counts, and adds what is not counted yet: right to the mail at any moment.

What settles while somebody reads would be missing or be there twice. So a reading is made anew when
the counts were changed meanwhile, which takes them milliseconds every few seconds.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import connection
from django.utils import timezone

from smtp_gateway.rollups.facts import ALL, FACTS, bounds
from smtp_gateway.rollups.periods import HOUR, days, whole_days
from smtp_gateway.rollups.values import Counts, Number, SenderCounts, Slot, by_slot, total

T = TypeVar("T")

MOST_UNCOUNTED = 200_000
"""More than that is not counted while a page waits; then the page says that it is missing."""
_TRIES = 20

_NUMBERS = """
SELECT width_bucket(begin, %(begins)s::timestamptz[]) - 1, mail_type, outcome, reason,
    sum(events)::bigint, sum(recipients)::bigint, sum(reason_recipients)::bigint
FROM smtp_gateway_hourlycount
WHERE sender_address = %(sender)s AND begin >= %(since)s AND begin < %(until)s
GROUP BY 1, 2, 3, 4
"""
# The days that lie in a time, and the hours before and behind them.
_ROWS = """
SELECT {columns} FROM smtp_gateway_dailycount
WHERE begin >= %(first)s AND begin < %(last)s AND {whose}
UNION ALL
SELECT {columns} FROM smtp_gateway_hourlycount
WHERE (begin >= %(since)s AND begin < %(first)s OR begin >= %(last)s AND begin < %(until)s)
  AND {whose}
"""
_TOTAL_OF = """
SELECT outcome, sum(events)::bigint, sum(recipients)::bigint FROM ({rows}) AS counted GROUP BY 1
"""
_TOTAL = _TOTAL_OF.format(
    rows=_ROWS.format(columns="outcome, events, recipients", whose="sender_address = %(sender)s")
)
_TOP_OF = """
SELECT sender_address FROM (
    {rows}
    UNION ALL
    SELECT * FROM unnest(%(senders)s::text[], %(recipients)s::bigint[])
) AS accepted
GROUP BY 1 ORDER BY sum(recipients) DESC, 1 LIMIT %(most)s
"""
_TOP = _TOP_OF.format(
    rows=_ROWS.format(
        columns="sender_address, recipients",
        whose=f"outcome = 'accepted' AND sender_address <> '{ALL}' AND sender_address <> ''",
    )
)
_SENDERS_OF = """
SELECT sender_address, outcome, sum(events)::bigint, sum(recipients)::bigint
FROM ({rows}) AS counted GROUP BY 1, 2
"""
_SENDERS = _SENDERS_OF.format(
    rows=_ROWS.format(
        columns="sender_address, outcome, events, recipients",
        whose="sender_address = ANY(%(top)s)",
    )
)
_STATE = """
SELECT newest.delivery_id, newest.attempt_id,
    state.turn, state.delivery_id, state.attempt_id, state.counted_until
FROM (SELECT (SELECT coalesce(max(id), 0) FROM smtp_gateway_delivery),
             (SELECT coalesce(max(id), 0) FROM smtp_gateway_attempt))
    AS newest(delivery_id, attempt_id)
LEFT JOIN smtp_gateway_rollupstate AS state ON state.id = 1
"""


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A number that is not in the counts yet."""

    begin: datetime
    sender_address: str
    mail_type: str
    outcome: str
    reason: str
    events: int
    recipients: int
    reason_recipients: int

    def is_of(self, sender: str, since: datetime, until: datetime) -> bool:
        return sender in (ALL, self.sender_address) and since <= self.begin < until


@dataclass(frozen=True, slots=True)
class Tail:
    """All that is not counted yet, as of one moment."""

    rows: Sequence[Uncounted]
    is_whole: bool
    """False: there is too much of it, and the rows are none."""
    counted_until: datetime | None


def read(reader: Callable[[Tail], T]) -> T:
    """What `reader` makes of one and the same state of the counts, whoever changes them."""
    for _ in range(_TRIES):
        state = _state()
        result = reader(_tail(state))
        if _state().turn == state.turn:
            return result
    raise TimeoutError("The counts were changed each time that they were read.")


def numbers(
    tail: Tail, begins: Sequence[datetime], until: datetime, sender: str = ALL
) -> list[Number]:
    """Of each slot of time, the first of which begins the time that is looked at."""
    values = {"begins": list(begins), "since": begins[0], "until": until, "sender": sender}
    counted = [Number(*row) for row in _rows(_NUMBERS, values)]
    return counted + [
        _number(row, begins) for row in tail.rows if row.is_of(sender, begins[0], until)
    ]


def counts(tail: Tail, since: datetime, until: datetime, sender: str = ALL) -> Counts:
    """Of one time, which may lie long ago."""
    rows = _rows(_TOTAL, {**_times(since, until), "sender": sender})
    late = (_number(row, [since]) for row in tail.rows if row.is_of(sender, since, until))
    return _sum((outcome, *numbers) for outcome, *numbers in rows) + total(late)


def top_senders(tail: Tail, since: datetime, until: datetime, most: int = 5) -> list[SenderCounts]:
    """Those of whom most was accepted."""
    late = [row for row in tail.rows if row.sender_address and row.is_of(ALL, since, until)]
    accepted = [row for row in late if row.outcome == "accepted"]
    values = {
        **_times(since, until), "most": most,
        "senders": [row.sender_address for row in accepted],
        "recipients": [row.recipients for row in accepted],
    }  # fmt: skip
    top = [address for (address,) in _rows(_TOP, values)]
    rows = [
        *_rows(_SENDERS, {**_times(since, until), "top": top}),
        *((row.sender_address, row.outcome, row.events, row.recipients) for row in late),
    ]
    return [
        SenderCounts(address, _sum(row[1:] for row in rows if row[0] == address)) for address in top
    ]


def sender_days(sender: str, number: int = 30, *, now: datetime | None = None) -> list[Slot]:
    """The counts of each of so many days of the current time zone, the running one last."""
    now = now or timezone.now()
    begins = days(number, now, timezone.get_current_timezone())
    until = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    return by_slot(read(lambda tail: numbers(tail, begins, until, sender)), begins)


def version() -> str:
    """Another one whenever something happened that is counted."""
    state = _state()
    delivery_id = max(state.delivery_id, state.newest_delivery_id)
    return f"{delivery_id}-{max(state.attempt_id, state.newest_attempt_id)}"


@dataclass(frozen=True, slots=True)
class _State:
    """How far everything is counted, and how far there is something to count."""

    newest_delivery_id: int
    newest_attempt_id: int
    turn: int = 0
    delivery_id: int = 0
    attempt_id: int = 0
    counted_until: datetime | None = None

    @property
    def uncounted(self) -> int:
        deliveries = max(0, self.newest_delivery_id - self.delivery_id)
        return deliveries + max(0, self.newest_attempt_id - self.attempt_id)


def _state() -> _State:
    ((newest_delivery, newest_attempt, turn, *counted),) = _rows(_STATE, {})
    if turn is None:
        return _State(newest_delivery, newest_attempt)
    return _State(newest_delivery, newest_attempt, turn, *counted)


def _tail(state: _State) -> Tail:
    if state.uncounted > MOST_UNCOUNTED:
        return Tail([], False, state.counted_until)
    if not state.uncounted:
        return Tail([], True, state.counted_until)
    rows = _rows(FACTS, bounds(state.delivery_id, state.attempt_id))
    return Tail([Uncounted(*row) for row in rows], True, state.counted_until)


def _number(row: Uncounted, begins: Sequence[datetime]) -> Number:
    slot = sum(begin <= row.begin for begin in begins) - 1
    return Number(
        slot, row.mail_type, row.outcome, row.reason, row.events, row.recipients,
        row.reason_recipients,
    )  # fmt: skip


def _sum(rows: Iterable[Sequence[Any]]) -> Counts:
    return total(Number(0, "", outcome, "", events, number, 0) for outcome, events, number in rows)


def _times(since: datetime, until: datetime) -> dict[str, datetime]:
    # Without a whole day in it all of the time is behind the days.
    first, last = whole_days(since, until) or (since, since)
    return {"since": since, "until": until, "first": first, "last": last}


def _rows(statement: str, values: dict[str, Any]) -> list[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
