"""Changes of standings by people: caps, fixed levels, released brakes, and what levels allow."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from senders.audit.recording import Target, record
from senders.audited import target_of
from senders.errors import InvalidField as InvalidField
from senders.models import SenderAddress, Standing, StandingChange, StandingLevel, WarmUpDay
from senders.policies.policy import Limits
from senders.seen import ensure_seen, mark_of_values
from senders.standing.keeping import keep_allowances
from senders.standing.reading import limits_by_level
from senders.standing.warming import plans
from senders.standing_rows import LEAST_LEVEL, MOST_LEVEL, ChangeKind, Plan

log = logging.getLogger(__name__)

LEVELS_TARGET = Target("standing_levels", "levels", "", "/standings/")


def limit_level(
    sender: SenderAddress,
    *,
    cap: int | None,
    fixed_level: int | None,
    reason: str,
    decided_by: str,
    now: datetime,
) -> None:
    """Caps or fixes the level; both None: the numbers alone decide again. Raises InvalidField."""
    if (cap or fixed_level) and not reason.strip():
        raise InvalidField("reason", _("Say why, for whoever looks at it later."))
    for name, level in (("cap", cap), ("fixed_level", fixed_level)):
        if level is not None and not LEAST_LEVEL <= level <= MOST_LEVEL:
            raise InvalidField(name, _("Choose a level from 1 to 10."))
    with transaction.atomic():
        standing = locked_standing(sender)
        before, shown = _decided(standing), standing.shown_level
        standing.cap, standing.fixed_level = cap, fixed_level
        standing.limit_reason = reason.strip() if cap or fixed_level else ""
        if _decided(standing) == before:
            return
        standing.save(update_fields=["cap", "fixed_level", "limit_reason"])
        note_change(
            standing, ChangeKind.LIMITED, shown, now, reason=reason.strip(), decided_by=decided_by
        )
        record(
            action="sender_address.level_limited",
            on=target_of(sender),
            before=before,
            after=_decided(standing),
        )
        keep_allowances(now, [sender.address])
    log.info("standing.limited", extra={"sender": sender.address, "level": standing.shown_level})


def release_brake(sender: SenderAddress, *, reason: str, decided_by: str, now: datetime) -> None:
    """What happened before counts for no brake any more. Raises InvalidField."""
    if not reason.strip():
        raise InvalidField("reason", _("Say what was done, for whoever looks at it later."))
    with transaction.atomic():
        standing = locked_standing(sender)
        if not standing.brake:
            return
        told = {"brake": standing.brake, "reason": reason.strip()}
        let_go(standing, now, reason=reason.strip(), decided_by=decided_by)
        record(action="sender_address.brake_released", on=target_of(sender), after=told)
        keep_allowances(now, [sender.address])
    log.info("standing.released", extra={"sender": sender.address})


def let_go(standing: Standing, now: datetime, *, reason: str = "", decided_by: str = "") -> None:
    """Takes the brake off a locked row, and says so in its history."""
    trouble, numbers = standing.brake, (standing.trouble_count, standing.trouble_of)
    standing.brake, standing.braked_at = "", None
    standing.warning, standing.warned_at = "", None
    standing.released_at = now
    standing.save(update_fields=["brake", "braked_at", "warning", "warned_at", "released_at"])
    note_change(
        standing, ChangeKind.RELEASED, standing.shown_level, now, trouble=trouble,
        trouble_count=numbers[0], trouble_of=numbers[1], reason=reason, decided_by=decided_by,
    )  # fmt: skip


def set_levels(changed: Mapping[int, Limits], *, now: datetime, seen: str = "") -> None:
    """What each of these levels allows from now on.

    `seen`: the mark of what the admin had before him. Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        _one_at_a_time(StandingLevel)
        before = limits_by_level()
        ensure_seen(mark_of_values(before), seen)
        rows = [
            StandingLevel(
                level=level,
                per_hour=limits.per_hour,
                per_day=limits.per_day,
                pace_per_minute=limits.pace_per_minute,
            )
            for level, limits in sorted(changed.items())
        ]
        StandingLevel.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["level"],
            update_fields=["per_hour", "per_day", "pace_per_minute"],
        )
        record(
            action="standing_levels.changed",
            on=LEVELS_TARGET,
            before=_levels_told(before),
            after=_levels_told({**before, **changed}),
        )
        keep_allowances(now)


def set_plan(plan: Plan, days: Sequence[int], *, now: datetime, seen: str = "") -> None:
    """What each day of that warm-up allows, from the first on; none: there is no warm-up left.

    `seen`: the mark of what the admin had before him. Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        _one_at_a_time(WarmUpDay)
        before = list(plans()[plan])
        ensure_seen(mark_of_values(before), seen)
        WarmUpDay.objects.filter(plan=plan).delete()
        WarmUpDay.objects.bulk_create(
            [WarmUpDay(plan=plan, day=day, per_day=most) for day, most in enumerate(days, 1)]
        )
        record(
            action="standing_levels.plan_changed",
            on=LEVELS_TARGET,
            before={f"warm_up_of_{plan}": before},
            after={f"warm_up_of_{plan}": list(days)},
        )
        keep_allowances(now)


def _one_at_a_time(table: type[Model]) -> None:
    """Whoever else would write waits for the end of the transaction: it has no row to be locked."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")  # noqa: SLF001 - Django's documented API


def locked_standing(sender: SenderAddress) -> Standing:
    """Its row as it is now, made where there is none, until the end of the transaction."""
    Standing.objects.bulk_create([Standing(sender=sender)], ignore_conflicts=True)
    return Standing.objects.select_for_update(of=("self",)).get(sender=sender)


def note_change(
    standing: Standing, kind: ChangeKind, from_level: int, now: datetime, **told: Any
) -> None:
    """Into the history; `told`: fields of StandingChange."""
    StandingChange.objects.create(
        sender_id=standing.sender_id,
        at=now,
        kind=kind,
        from_level=from_level,
        to_level=standing.shown_level,
        **told,
    )


def _decided(standing: Standing) -> dict[str, Any]:
    return {
        "cap": standing.cap,
        "fixed_level": standing.fixed_level,
        "reason": standing.limit_reason,
    }


def _levels_told(levels: Mapping[int, Limits]) -> dict[str, str]:
    return {
        f"level_{level}": f"{_told(limits.per_hour)} / {_told(limits.per_day)}"
        f" / {_told(limits.pace_per_minute)}"
        for level, limits in levels.items()
    }


def _told(limit: int | None) -> str:
    return "-" if limit is None else str(limit)
