"""What the pages about standings show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from senders.models import SenderAddress, Standing, StandingChange
from senders.policies.policy import Limits, effective_limits
from senders.policies.reading import policy_of
from senders.standing.allowance import Allowance
from senders.standing.reading import allowance, known_standing
from senders.standing.warming import plans
from senders.standing_rows import Plan
from smtp_gateway.standing.collecting import known_of, records
from smtp_gateway.standing.formula import Record
from smtp_gateway.standing.wording import grouped

CHANGES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """The standing of one address."""

    standing: Standing
    allowance: Allowance
    limits: Limits
    """The smaller of its standing's and its policy's, and the pace of mail that looks like bulk."""
    changes: Sequence[StandingChange]


@dataclass(frozen=True, slots=True)
class PlanDay:
    """One day of a plan; `is_today`: the address is there now."""

    day: int
    per_day: str
    is_today: bool
    is_over: bool


def standing_shown(sender: SenderAddress, now: datetime) -> Shown:
    allowed, policy = allowance(sender, now), policy_of(sender.mail_type)
    of_bulk = Limits(pace_per_minute=policy.bulk_pace_per_minute) if sender.bulk_since else None
    return Shown(
        standing=known_standing(sender),
        allowance=allowed,
        limits=effective_limits(policy, allowed.limits, of_bulk),
        changes=list(sender.standing_changes.all()[:CHANGES_SHOWN]),
    )


def plan_days(allowed: Allowance) -> list[PlanDay]:
    """The plan that an address is on; none: it is warm."""
    warm_up = allowed.warm_up
    if warm_up is None:
        return []
    days = plans()[Plan(warm_up.plan)]
    return [
        PlanDay(day, grouped(per_day), day == warm_up.day, day < warm_up.day)
        for day, per_day in enumerate(days, 1)
    ]


def record_of(sender: SenderAddress, now: datetime) -> Record:
    """Its numbers at present, for trying out others."""
    began_at = known_standing(sender).warm_up_began_at
    known = known_of(policy_of(sender.mail_type), allowance(sender, now), began_at)
    return records({sender.address: known}, now)[sender.address]


def troubled() -> list[Standing]:
    """Those with a brake or an alarm, brakes first, each with its sender."""
    rows = Standing.objects.exclude(brake="", warning="").select_related("sender")
    return sorted(rows, key=lambda row: (not row.brake, row.sender.address))
