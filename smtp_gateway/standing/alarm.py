"""When a sender address sets off the alarm, when the brake is put on, and when it is let go. Pure.

Small numbers prove nothing: of three mails one bounces easily. But where the share is far beyond
the limit, a number alone proves enough, of however few.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Trouble = Literal["hard-bounces", "complaints"]
Grade = Literal["warning", "brake"]

BOUNCE_WINDOW, COMPLAINT_WINDOW = timedelta(hours=24), timedelta(days=7)
"""Complaints come days after their mails."""
BRAKED_AT_LEAST = timedelta(hours=24)
ALARM_COOL_DOWN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limit:
    """From that share on, in tenths of a percent, if there are so many of so many."""

    trouble: Trouble
    grade: Grade
    per_mille: int
    least_number: int
    least_of: int
    """0: of however few."""


# The worst first.
LIMITS: Sequence[Limit] = (
    Limit("complaints", "brake", 3, 3, 500),
    Limit("hard-bounces", "brake", 50, 10, 100),
    Limit("complaints", "brake", 15, 10, 0),
    Limit("hard-bounces", "brake", 250, 30, 0),
    Limit("complaints", "warning", 1, 2, 500),
    Limit("hard-bounces", "warning", 30, 6, 100),
)


@dataclass(frozen=True, slots=True)
class Recently:
    """What happened within the windows, and since the brake was released last."""

    hard_bounces: int = 0
    ended: int = 0
    """Within the window of bounces."""
    complaints: int = 0
    relayed: int = 0
    """Within the window of complaints."""

    def share_of(self, trouble: Trouble) -> tuple[int, int]:
        """How many, and of how many."""
        if trouble == "complaints":
            return self.complaints, self.relayed
        return self.hard_bounces, self.ended


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is too much, with its numbers."""

    trouble: Trouble
    grade: Grade
    number: int
    of: int


def judge(recently: Recently) -> Alarm | None:
    """The worst that is the case; None: all is well."""
    for limit in LIMITS:
        number, of = recently.share_of(limit.trouble)
        is_proven = number >= limit.least_number and of >= limit.least_of
        if is_proven and number * 1000 >= limit.per_mille * of:
            return Alarm(limit.trouble, limit.grade, number, of)
    return None


def lets_go(recently: Recently, braked_at: datetime, now: datetime) -> bool:
    """Whether the brake releases itself: after a day, once what it was for is over."""
    return now - braked_at >= BRAKED_AT_LEAST and judge(recently) is None
