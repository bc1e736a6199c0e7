"""How fast and when mail leaves, as values. Pure; counts are recipients."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

PACED = "paced"
"""The reason code of what has got its time in the pace of its sender."""


@dataclass(frozen=True, slots=True)
class TypePace:
    """What holds for all mail of a type."""

    per_minute: int | None = None
    """Of each sender address; None: as fast as it goes."""
    opens_at: datetime | None = None
    """When the sending window opens, or has opened; None: it is always open."""
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnPace:
    """What holds for one sender address instead."""

    mail_type: str
    per_minute: int
    """0: nothing leaves."""


ANY_PACE = TypePace()


@dataclass(frozen=True, slots=True)
class Paces:
    """All that decides, at one moment."""

    by_type: Mapping[str, TypePace] = field(default_factory=dict)
    own: Mapping[str, OwnPace] = field(default_factory=dict)
    """By sender address, where it differs from its type's."""

    def of_type(self, mail_type: str) -> TypePace:
        """What holds where nothing else does."""
        return self.by_type.get(mail_type, ANY_PACE)

    def holds_back(self, sender_address: str, mail_type: str) -> bool:
        """Whether mail of this sender has to wait for a time of its own."""
        return self.of_type(mail_type) != ANY_PACE or sender_address in self.own


_MOST_DAYS = 400

NextOpening = Callable[[datetime], tuple[datetime, datetime]]
"""From when until when the window is open, at that moment or after it."""


def turn_after(
    seconds: float, begins: datetime, next_opening: NextOpening | None = None
) -> datetime:
    """When so many seconds have passed during which mail leaves, from `begins` on."""
    left, at = timedelta(seconds=seconds), begins
    for _ in range(_MOST_DAYS if next_opening else 0):
        opens_at, closes_at = next_opening(at) if next_opening else (at, at)
        at = max(at, opens_at)
        if at + left < closes_at:
            break
        left, at = left - (closes_at - at), closes_at
    return at + left


def opening(opens: time, closes: time, time_zone: str, now: datetime) -> tuple[datetime, datetime]:
    """The present time of being open, or else the next: beginning and end, in UTC.

    Hours that a change of the clocks leaves out or has twice are as the zone's data say.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    for days in range(-1, 3):
        day = today + timedelta(days=days)
        last_day = day + timedelta(days=closes <= opens)
        begin = datetime.combine(day, opens, zone).astimezone(UTC)
        end = datetime.combine(last_day, closes, zone).astimezone(UTC)
        if now < end and begin < end:
            return begin, end
    raise ValueError(f"Between {opens} and {closes} nothing is ever open.")
