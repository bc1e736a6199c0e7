"""Keeps what each address may send beside its standing, so that a log-in reads it with its row.

What it is made of changes at midnight and whenever somebody decides something: the worker looks
each minute, and whoever decides has it kept at once.
"""

from collections.abc import Collection
from datetime import datetime

from senders.models import Standing
from senders.standing.allowance import Allowance
from senders.standing.reading import allowances, every_allowance

_FIELDS = ["allowed_per_hour", "allowed_per_day", "halted"]


def keep_allowances(now: datetime, addresses: Collection[str] | None = None) -> int:
    """Of these addresses, or of all; how many differed. Those without a standing are left out."""
    found = every_allowance(now) if addresses is None else allowances(addresses, now)
    rows = Standing.objects.filter(sender__address__in=found).select_related("sender")
    changed = [row for row in rows if _put(row, found[row.sender.address])]
    Standing.objects.bulk_update(changed, _FIELDS, batch_size=500)
    return len(changed)


def _put(row: Standing, allowed: Allowance) -> bool:
    """Whether it was another one."""
    before = (row.allowed_per_hour, row.allowed_per_day, row.halted)
    row.allowed_per_hour = allowed.limits.per_hour
    row.allowed_per_day = allowed.limits.per_day
    row.halted = allowed.reason if allowed.is_halted else ""
    return before != (row.allowed_per_hour, row.allowed_per_day, row.halted)
