"""Recomputes levels: each once a day, and at once on an alarm. Safe with several workers at once.

A row is locked while it is computed, and passed over by others; whoever died leaves it due.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from senders.models import SenderAddress, Standing
from senders.policies.reading import policies
from senders.standing.reading import allowances
from senders.standing.services import note_change
from senders.standing_rows import ChangeKind
from smtp_gateway.standing.collecting import Known, first_relayed, known_of, records
from smtp_gateway.standing.formula import Record, next_level, score

_EACH = 200

log = logging.getLogger(__name__)


def add_rows() -> None:
    """Gives each address that has none its row."""
    without = SenderAddress.objects.filter(standing=None)
    Standing.objects.bulk_create(
        [Standing(sender=sender) for sender in without], ignore_conflicts=True
    )


def begin_warm_ups() -> None:
    """Notes of whose mail the first has left, on which day it did."""
    waiting = {
        standing.sender.address: standing
        for standing in Standing.objects.filter(warm_up_began_at=None).select_related("sender")
    }
    for address, began_at in first_relayed(list(waiting)).items():
        row = Standing.objects.filter(pk=waiting[address].pk, warm_up_began_at=None)
        row.update(warm_up_began_at=began_at)


def compute_due(now: datetime) -> int:
    """Computes some of those that are due today; how many they were."""
    today = now.astimezone(UTC).date()
    with transaction.atomic():
        due = Standing.objects.filter(Q(computed_on=None) | Q(computed_on__lt=today))
        return _compute(due.order_by("pk"), now)


def compute_now(addresses: Sequence[str], now: datetime) -> int:
    """Computes these at once; of what was computed today already, levels only fall."""
    with transaction.atomic():
        return _compute(Standing.objects.filter(sender__address__in=addresses), now)


def _compute(rows: "QuerySet[Standing, Standing]", now: datetime) -> int:
    locked = rows.select_for_update(skip_locked=True, of=("self",)).select_related("sender")
    standings = {row.sender.address: row for row in locked[:_EACH]}
    found = records(_known(standings, now), now)
    for address, standing in standings.items():
        _apply(standing, found[address], now)
    return len(standings)


def _known(standings: Mapping[str, Standing], now: datetime) -> dict[str, Known]:
    policy, allowed = policies(), allowances(list(standings), now)
    return {
        address: known_of(
            policy[standing.sender.mail_type], allowed[address], standing.warm_up_began_at
        )
        for address, standing in standings.items()
    }


def _apply(standing: Standing, record: Record, now: datetime) -> None:
    found, before, today = score(record), standing.shown_level, now.astimezone(UTC).date()
    standing.level = _stepped(standing, found.level, today)
    standing.parts = [part.to_json() for part in found.parts]
    standing.computed_on = today
    standing.save(update_fields=["level", "parts", "computed_on"])
    if standing.shown_level == before:
        return
    note_change(standing, ChangeKind.NUMBERS, before, now, parts=standing.parts)
    facts = {"sender": standing.sender.address, "from": before, "to": standing.shown_level}
    log.info("standing.changed", extra=facts)


def _stepped(standing: Standing, wanted: int, today: date) -> int:
    if standing.computed_on == today:
        return min(standing.level, wanted)
    return next_level(standing.level, wanted)
