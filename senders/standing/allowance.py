"""What a sender address may send by its level, its warm-up, its admin and its brake. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from senders.policies.policy import Limits

Cause = Literal["level", "limit", "warm-up", "brake"]


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Where an address or its domain is in its plan."""

    plan: str
    """"address" or "domain"."""
    day: int
    days: int
    per_day: int
    shared_by: int = 1
    """How many addresses of a new domain share that day."""

    @property
    def share(self) -> int:
        return max(1, self.per_day // self.shared_by)


@dataclass(frozen=True, slots=True)
class Terms:
    """All that an allowance is made of."""

    mail_type: str
    level: int
    of_level: Limits
    of_least_level: Limits
    """What is left to a braked address that is not halted."""
    is_limited: bool = False
    """An admin capped or fixed the level."""
    brake: str = ""
    trouble_count: int = 0
    trouble_of: int = 0
    warm_ups: Sequence[WarmUp] = ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an address may send at present, and why no more."""

    level: int
    limits: Limits
    cause: Cause
    """What sets the daily quota."""
    is_halted: bool = False
    """Nothing more is accepted for now: submissions are answered with 451."""
    reason: str = ""
    """A clause in English for replies: "its sender address is at level 3 of 10"."""
    warm_up: WarmUp | None = None
    """The one that sets the daily quota."""


def allowance_of(terms: Terms) -> Allowance:
    """The smallest of all that holds. A brake halts batch mail, and leaves trigger mail little.

    Trigger mail has no pace, whatever its level: what its quota allows leaves at once.
    """
    allowed = _allowance(terms)
    if terms.mail_type == "batch":
        return allowed
    return replace(allowed, limits=replace(allowed.limits, pace_per_minute=None))


def _allowance(terms: Terms) -> Allowance:
    if terms.brake:
        return _braked(terms)
    warm_up = min(terms.warm_ups, key=lambda each: each.share, default=None)
    level = terms.of_level
    if warm_up is None or (level.per_day is not None and level.per_day <= warm_up.share):
        return Allowance(
            terms.level,
            level,
            "limit" if terms.is_limited else "level",
            reason=f"its sender address is at level {terms.level} of 10",
        )
    return Allowance(
        terms.level,
        level.and_also(Limits(per_day=warm_up.share)),
        "warm-up",
        reason=_warm_up_clause(warm_up),
        warm_up=warm_up,
    )


def _braked(terms: Terms) -> Allowance:
    is_halted = terms.mail_type == "batch"
    return Allowance(
        terms.level, terms.of_level.and_also(terms.of_least_level), "brake", is_halted,
        _brake_clause(terms),
    )  # fmt: skip


def _brake_clause(terms: Terms) -> str:
    of = f"{terms.trouble_count} of its last {terms.trouble_of} mails"
    if terms.brake == "complaints":
        return f"{of} were complained about, and an admin has to look at it"
    return f"{of} went to mailboxes that do not exist, and an admin has to look at it"


def least(*limits: int | None) -> int | None:
    """The smallest limit; None: there is none."""
    return min((limit for limit in limits if limit is not None), default=None)


def _warm_up_clause(warm_up: WarmUp) -> str:
    whose = "sender domain" if warm_up.plan == "domain" else "sender address"
    return f"its {whose} is new and on day {warm_up.day} of {warm_up.days} of its warm-up"
