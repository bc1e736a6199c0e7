"""What waits, as the overview shows it: by lane, by route, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from smtp_gateway import queue_survey
from smtp_gateway.queue_survey import LANES, Waiting
from smtp_gateway.reason_words import wait_words

_REASONS = 3


@dataclass(frozen=True, slots=True)
class Lane:
    """`oldest_accepted_at` is None where nothing waits."""

    name: str
    waiting: int
    deferred: int
    set_aside: int
    """Not among those that wait: only somebody's hand moves them."""
    oldest_accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Way:
    """What waits for one route, and the most frequent reasons: (number, in words)."""

    route: str
    waiting: int
    oldest_accepted_at: datetime
    reasons: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Queue:
    """How it was at that time: a long queue is looked at every minute only."""

    lanes: Sequence[Lane]
    ways: Sequence[Way]
    at: datetime


def queue() -> Queue:
    """Trigger first; the route for which most waits first."""
    survey, aside = queue_survey.survey(), queue_survey.set_aside()
    by_lane = {row.lane: row for row in queue_survey.added(survey.waiting, lambda row: row.lane)}
    by_route = queue_survey.added(survey.waiting, lambda row: row.route)
    return Queue(
        [_lane(name, by_lane, aside) for name in LANES],
        [_way(row, survey.waiting) for row in by_route],
        survey.at,
    )


def _lane(name: str, rows: Mapping[str, Waiting], aside: Mapping[str, int]) -> Lane:
    row = rows.get(name)
    if row is None:
        return Lane(name, 0, 0, aside.get(name, 0), None)
    return Lane(name, row.number, row.deferred, aside.get(name, 0), row.oldest_accepted_at)


def _way(whole: Waiting, waiting: Sequence[Waiting]) -> Way:
    own = [row for row in waiting if row.route == whole.route]
    why = queue_survey.added(own, lambda row: row.code)[:_REASONS]
    return Way(
        whole.route,
        whole.number,
        whole.oldest_accepted_at,
        [(row.number, wait_words(row.code)) for row in why],
    )
