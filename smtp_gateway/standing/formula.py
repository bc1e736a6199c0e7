"""The published formula: from the numbers of 30 days to a level of 1 to 10, part by part.

docs/standing.md says the same in words, and a test holds one to the other. Pure.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

START, LEAST, MOST = 5, 1, 10
DAYS = 30
"""How far back it looks."""
ENOUGH = 100
"""Fewer mails than that have ended: nothing is judged."""
REGULAR_DAYS = 5
"""Who sends on fewer of them has no habit yet."""


@dataclass(frozen=True, slots=True)
class Record:
    """What happened to the mail of an address in the last 30 days, counted in recipients."""

    relayed: int = 0
    """The next hop took them; what the local mailbox keeps has not left and is not counted."""
    given_up: int = 0
    """Bounced or expired, whatever for."""
    came_back: int = 0
    """Relayed, and came back later."""
    hard_bounces: int = 0
    """Of those given up and those that came back: the mailbox does not exist or takes nothing."""
    complaints: int = 0
    opt_outs: int = 0
    days_sent: int = 0
    quota_used_percent: int = 0
    """Of the daily quota, on an average day on which it sent."""
    age_days: int = 0
    """Since its first mail left."""

    @property
    def ended(self) -> int:
        return self.relayed + self.given_up


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a level: `number` of `of`, and the points for it."""

    name: str
    number: int
    of: int
    points: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Score:
    """The level that the numbers are worth, and why."""

    level: int
    parts: Sequence[Part]
    is_enough: bool
    """False: too few mails have ended, and the level is the neutral one."""


@dataclass(frozen=True, slots=True)
class Band:
    """From `least` on (a share in tenths of a percent, or a plain number): these points."""

    least: int
    points: int


# The first band whose least is reached decides; the last one of each is reached by everything.
ARRIVED = (Band(990, 1), Band(970, 0), Band(950, -1), Band(900, -2), Band(0, -3))
HARD_BOUNCES = (Band(50, -4), Band(30, -2), Band(20, -1), Band(5, 0), Band(0, 1))
COMPLAINTS = (Band(3, -5), Band(1, -2), Band(0, 0))
OPT_OUTS = (Band(20, -2), Band(5, -1), Band(0, 0))
QUOTA_USED = (Band(10, 1), Band(0, 0))
AGE = (Band(90, 2), Band(28, 1), Band(0, 0))
VOLUME = (Band(10_000, 1), Band(0, 0))
NO_COMPLAINT_OF = 1_000
"""So many mails without a complaint are worth a point."""


def score(record: Record) -> Score:
    """The level by these numbers alone; how fast an address gets there says `next_level`."""
    if record.ended < ENOUGH:
        return Score(START, [Part("not-enough", record.ended, ENOUGH, 0)], is_enough=False)
    parts = [
        _share("arrived", record.relayed - record.came_back, record.ended, ARRIVED),
        _share("hard-bounces", record.hard_bounces, record.ended, HARD_BOUNCES),
        _complaints(record),
        _share("opt-outs", record.opt_outs, record.relayed, OPT_OUTS),
        _quota_used(record),
        Part("age", record.age_days, DAYS, _points(record.age_days, AGE)),
        Part("volume", record.ended, DAYS, _points(record.ended, VOLUME)),
    ]
    level = START + sum(part.points for part in parts)
    return Score(max(LEAST, min(MOST, level)), parts, is_enough=True)


def next_level(present: int, wanted: int) -> int:
    """Trust grows by one level a day, and is lost at once."""
    return min(wanted, present + 1)


def _complaints(record: Record) -> Part:
    if not record.complaints and record.relayed >= NO_COMPLAINT_OF:
        return Part("complaints", 0, record.relayed, 1)
    return _share("complaints", record.complaints, record.relayed, COMPLAINTS)


def _quota_used(record: Record) -> Part:
    is_regular = record.days_sent >= REGULAR_DAYS
    points = _points(record.quota_used_percent, QUOTA_USED) if is_regular else 0
    return Part("quota-used", record.quota_used_percent, record.days_sent, points)


def _share(name: str, number: int, of: int, bands: Sequence[Band]) -> Part:
    """What is not there has no share."""
    # Whole numbers, so that 3 of 1,000 are 0.3 % and not a little less.
    band = next(each for each in bands if max(0, number) * 1000 >= each.least * of)
    return Part(name, max(0, number), of, band.points if of else 0)


def _points(number: int, bands: Sequence[Band]) -> int:
    return next(band.points for band in bands if number >= band.least)
