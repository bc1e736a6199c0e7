"""What addresses may send by their standing: two statements for any number of them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from senders.models import SenderAddress
from senders.policies.policy import Limits
from senders.standing.allowance import Allowance, Terms, WarmUp, allowance_of
from senders.standing.defaults import LEVELS
from senders.standing.warming import Warming, warming
from senders.standing_rows import LEAST_LEVEL, Standing, StandingLevel

Levels = Mapping[int, Limits]


def allowances(addresses: Collection[str], now: datetime) -> dict[str, Allowance]:
    """Of those of `addresses`, in their stored form, that are sender addresses."""
    rows = SenderAddress.objects.filter(address__in=addresses).select_related("standing")
    return _of(list(rows), now)


def every_allowance(now: datetime) -> dict[str, Allowance]:
    """Of all sender addresses: what a process keeps in memory and asks for again and again."""
    return _of(list(SenderAddress.objects.select_related("standing")), now)


def allowance(sender: SenderAddress, now: datetime) -> Allowance:
    return allowances([sender.address], now)[sender.address]


def limits_by_level() -> Levels:
    """All ten, in their order."""
    changed = {
        row.level: Limits(row.per_hour, row.per_day, row.pace_per_minute)
        for row in StandingLevel.objects.all()
    }
    return {**LEVELS, **changed}


def known_standing(sender: SenderAddress) -> Standing:
    """Of a sender that was read with `select_related("standing")`; neutral where there is none."""
    found: Standing | None = getattr(sender, "standing", None)
    return found or Standing(sender=sender)


def _of(senders: Collection[Any], now: datetime) -> dict[str, Allowance]:
    levels, warm = limits_by_level(), warming(senders, now)
    return {sender.address: allowance_of(_terms(sender, levels, warm)) for sender in senders}


def _terms(sender: SenderAddress, levels: Levels, warm: Warming) -> Terms:
    standing = known_standing(sender)
    warm_ups: tuple[WarmUp, ...] = warm.get(sender.address, ())
    return Terms(
        mail_type=sender.mail_type,
        level=standing.shown_level,
        of_level=levels[standing.shown_level],
        of_least_level=levels[LEAST_LEVEL],
        is_limited=standing.shown_level != standing.level,
        brake=standing.brake,
        trouble_count=standing.trouble_count,
        trouble_of=standing.trouble_of,
        warm_ups=warm_ups,
    )
