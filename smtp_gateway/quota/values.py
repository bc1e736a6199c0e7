"""Windows of quotas and what is left in them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from smtp_gateway.mail_policy import Quota

Period = Literal["hour", "day"]
Whose = Literal["address", "type"]
NO_LIMIT = 2**60
_LENGTH: dict[Period, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Window:
    """One count with its limit: whose mail, in which hour or day."""

    whose: Whose
    subject: str
    period: Period
    starts_at: datetime
    most: int
    before: int = 0
    """How much of `most` was used before a brake was put on, and is left out where it is told."""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + _LENGTH[self.period]


@dataclass(frozen=True, slots=True)
class QuotaReached:
    """There is no room for that many recipients. `left`: for how many there is."""

    whose: Whose
    period: Period
    most: int
    left: int
    again_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """So many recipients more may be accepted under this lease."""

    lease_id: int
    count: int


def hour_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def windows_of(address: str, mail_type: str, quota: Quota, at: datetime) -> list[Window]:
    """The four that a recipient of that address counts in at that time."""
    hour = hour_of(at)
    day = hour.replace(hour=0)
    mine, of_type = f"address:{address}", f"type:{mail_type}"
    in_hour, in_day = _before(quota, hour, day)
    return [
        Window("address", mine, "hour", hour, _most(quota.address_per_hour, in_hour), in_hour),
        Window("address", mine, "day", day, _most(quota.address_per_day, in_day), in_day),
        Window("type", of_type, "hour", hour, _most(quota.type_per_hour)),
        Window("type", of_type, "day", day, _most(quota.type_per_day)),
    ]


def reached(windows: Sequence[Window], taken: Sequence[int], needed: int) -> QuotaReached | None:
    """Which window has no room for `needed` more, the last to open again; None: all have."""
    left = {window: window.most - count for window, count in zip(windows, taken, strict=True)}
    full = [window for window in windows if left[window] < needed]
    if not full:
        return None
    last = max(full, key=lambda window: window.ends_at)
    room = max(0, min(left.values()))
    return QuotaReached(last.whose, last.period, last.most - last.before, room, last.ends_at)


def _before(quota: Quota, hour: datetime, day: datetime) -> tuple[int, int]:
    """What counts for nothing in these two windows."""
    if quota.before is None:
        return 0, 0
    began = hour_of(quota.before.at)
    in_hour = quota.before.in_hour if began == hour else 0
    return in_hour, quota.before.in_day if began.replace(hour=0) == day else 0


def _most(limit: int | None, before: int = 0) -> int:
    return NO_LIMIT if limit is None else limit + before
