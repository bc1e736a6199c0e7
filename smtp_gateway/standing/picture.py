"""The level of an address over time: what its history comes to as steps."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from senders.charts.steps import Steps, draw
from senders.models import StandingChange
from senders.standing_rows import LEAST_LEVEL, MOST_LEVEL

SHOWN = timedelta(days=90)


def picture(changes: Sequence[StandingChange], level: int, now: datetime) -> Steps:
    """Of the last 90 days; `changes`: the newest first, at least those of that time."""
    since = now - SHOWN
    moved = [each for each in reversed(changes) if each.at >= since]
    first = moved[0].from_level if moved else level
    steps = [((each.at - since) / SHOWN, each.to_level) for each in moved]
    return draw(first, steps, least=LEAST_LEVEL, most=MOST_LEVEL)
