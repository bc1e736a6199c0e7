"""What levels and days of a warm-up allow, unless an admin has set something else. Pure."""

from collections.abc import Mapping, Sequence

from senders.policies.policy import Limits

LEVELS: Mapping[int, Limits] = {
    1: Limits(50, 500, 10),
    2: Limits(250, 2_500, 30),
    3: Limits(1_000, 10_000, 100),
    4: Limits(2_500, 25_000, 300),
    # Neutral: beyond what policies allow at first, so that they alone decide.
    5: Limits(500_000, 2_000_000, None),
    6: Limits(1_000_000, 4_000_000, None),
    7: Limits(2_000_000, 8_000_000, None),
    8: Limits(4_000_000, 16_000_000, None),
    9: Limits(8_000_000, 32_000_000, None),
    10: Limits(None, None, None),
}

WARM_UP_DAYS = 28
_GROWTH = 1.25
_FIRST_DAY = {"address": 2_000, "domain": 500}


def warm_up(plan: str) -> Sequence[int]:
    """What each day allows: a quarter more than the day before, in round numbers."""
    first = _FIRST_DAY[plan]
    return [_round(first * _GROWTH**day) for day in range(WARM_UP_DAYS)]


def _round(number: float) -> int:
    """To two digits that count."""
    return int(float(f"{number:.1e}"))
