"""When a deferred delivery is tried again, and when it has been tried for long enough.

Pure: times and random numbers are arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

JITTER = 0.25
# So often a next hop is believed that says a shorter time than the ladder does.
_BELIEVED = 3


@dataclass(frozen=True, slots=True)
class Ladder:
    """The first delay, doubled for each further attempt up to the longest."""

    first: timedelta
    longest: timedelta


Ladders = Mapping[str, Ladder]
"""By mail type."""


def next_attempt_at(
    *,
    now: datetime,
    attempts_before: int,
    expires_at: datetime,
    ladder: Ladder,
    random: float,
    asked_for: timedelta | None = None,
) -> datetime | None:
    """When to try again, the last time at `expires_at`; None: the lifetime is over.

    `random` is from [0, 1) and spreads the delay by a quarter to both sides, so that what failed
    together does not come back together. `asked_for`: how long the next hop said to wait; never
    less than that, and no more than that for the first few attempts.
    """
    if now >= expires_at:
        return None
    # Bounded, because 2**n of a delivery that is tried for weeks overflows a timedelta.
    delay: timedelta = min(ladder.first * 2 ** min(attempts_before, 30), ladder.longest)
    delay *= 1 - JITTER + 2 * JITTER * random
    if asked_for is not None:
        # Spread to one side: who comes before the time it was told is sent away again.
        told = asked_for * (1 + JITTER * random)
        delay = told if attempts_before < _BELIEVED else max(told, delay)
    return min(now + delay, expires_at)


def lifetime_over(last_reason: str) -> str:
    """The sentence for a delivery that is given up."""
    return f"Given up: its lifetime is over. {last_reason}".strip()
