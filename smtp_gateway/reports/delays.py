"""Finds what waits for long, a bounded part of it at a time, so that its senders are warned."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.cache import cache

from smtp_gateway import queue
from smtp_gateway.queue.pacing import WAITING_LANE

LANES = ("trigger", "batch", WAITING_LANE)
STEP = 5_000
STEPS = 4
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def find_delayed_mail() -> None:
    """Goes on through each lane where the last call stopped, and from its start after its end."""
    if settings.DELAY_WARNING is not None:
        for lane in LANES:
            _go_on(lane, settings.DELAY_WARNING)


def _go_on(lane: str, waiting_for: timedelta) -> None:
    key = f"delayed-mail:{lane}"
    # What is lost with the cache is only how far the walk had come: nobody is warned twice.
    walk: queue.DelayWalk | None = queue.DelayWalk(lane, *cache.get(key, (_BEGINNING, 0)))
    for _ in range(STEPS):
        if walk is not None:
            walk = queue.make_delay_reports_due(walk, waiting_for=waiting_for, limit=STEP)
    if walk is None:
        cache.delete(key)
    else:
        cache.set(key, (walk.behind_at, walk.behind_id), timeout=None)
