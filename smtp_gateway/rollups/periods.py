"""The times that are looked at: 24 hours, 7 or 30 days, and the bars that they have. Pure.

Counted by whole hours of UTC; days are those of the zone they are asked for. Where a zone's day
begins between two hours, its first hour is the one that begins after midnight or at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first begin up to `until`, which is not in it; `before` has the same length."""

    name: str
    begins: Sequence[datetime]
    """Of its bars, by UTC."""
    until: datetime

    @property
    def since(self) -> datetime:
        return self.begins[0]

    @property
    def before(self) -> tuple[datetime, datetime]:
        """The time just before it: from, until."""
        return self.since - (self.until - self.since), self.since

    @property
    def is_by_hour(self) -> bool:
        return self.name == "24h"


def period(name: str, now: datetime, zone: tzinfo) -> Period:
    """`name`: "24h", "7d" or "30d". The running hour or day is the last."""
    until = _hour(now) + HOUR
    if name == "24h":
        return Period(name, [until - back * HOUR for back in range(24, 0, -1)], until)
    return Period(name, days(int(name.removesuffix("d")), now, zone), until)


def days(number: int, now: datetime, zone: tzinfo) -> list[datetime]:
    """When each of so many days begins, the running one last; by UTC, at a whole hour."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    # Each midnight by the clock: a day on which clocks change has 23 or 25 hours.
    midnights = [(today - back * _DAY).replace(tzinfo=zone) for back in range(number - 1, -1, -1)]
    return [_hour_from(midnight.astimezone(UTC)) for midnight in midnights]


def whole_days(since: datetime, until: datetime) -> tuple[datetime, datetime] | None:
    """The days of UTC that lie in that time: from, until; None: not one of them."""
    first, last = _day(since + _DAY - timedelta(microseconds=1)), _day(until)
    return (first, last) if first < last else None


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _hour_from(at: datetime) -> datetime:
    return _hour(at + HOUR - timedelta(microseconds=1))


def _day(at: datetime) -> datetime:
    return _hour(at).replace(hour=0)
