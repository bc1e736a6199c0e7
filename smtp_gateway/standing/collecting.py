"""The numbers of sender addresses, from the counts: few statements for any number of addresses."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from senders.policies.policy import Policy, effective_limits
from senders.standing.allowance import Allowance
from smtp_gateway.standing.alarm import BOUNCE_WINDOW, COMPLAINT_WINDOW, Recently
from smtp_gateway.standing.feedback import Feedback, feedback, feedback_recently
from smtp_gateway.standing.formula import DAYS, Record
from smtp_gateway.standing.hard_bounces import HARD

_DAY = timedelta(days=1)
_OF_DAYS = """
SELECT sender_address,
    coalesce(sum(recipients) FILTER (WHERE outcome = 'accepted'), 0)::bigint,
    coalesce(sum(recipients) FILTER (WHERE outcome = 'relayed'), 0)::bigint,
    -- Mail that was stopped for a suppressed recipient has met no receiver.
    coalesce(sum(recipients) FILTER (WHERE outcome IN ('bounced', 'expired')
        AND reason <> 'suppressed'), 0)::bigint,
    coalesce(sum(recipients) FILTER (WHERE outcome = 'bounced' AND reason = ANY(%(hard)s)), 0)
        ::bigint,
    count(DISTINCT begin) FILTER (WHERE outcome = 'accepted')
FROM smtp_gateway_dailycount
WHERE sender_address = ANY(%(addresses)s) AND begin >= %(since)s
GROUP BY 1
"""
# What happened before a brake was released counts for none any more.
_RECENTLY = """
SELECT counted.sender_address,
    coalesce(sum(recipients) FILTER (WHERE begin >= %(bounces_since)s
        AND outcome = 'bounced' AND reason = ANY(%(hard)s)), 0)::bigint,
    coalesce(sum(recipients) FILTER (WHERE begin >= %(bounces_since)s
        AND outcome IN ('relayed', 'bounced', 'expired')), 0)::bigint,
    coalesce(sum(recipients) FILTER (WHERE outcome = 'relayed'), 0)::bigint
FROM smtp_gateway_hourlycount AS counted
LEFT JOIN senders_senderaddress AS sender ON sender.address = counted.sender_address
LEFT JOIN senders_standing AS standing ON standing.sender_id = sender.id
WHERE begin >= %(since)s AND begin >= coalesce(standing.released_at, '-infinity')
  AND outcome IN ('relayed', 'bounced', 'expired') AND counted.sender_address NOT IN ('', '*')
  AND reason <> 'suppressed'
GROUP BY 1
"""
_FIRST = """
SELECT sender_address, min(begin) FROM smtp_gateway_dailycount
WHERE sender_address = ANY(%(addresses)s) AND outcome = 'relayed' GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class _Days:
    """Sums of 30 days."""

    accepted: int = 0
    relayed: int = 0
    given_up: int = 0
    hard_bounces: int = 0
    days_sent: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an address beside its counts."""

    quota_per_day: int | None
    """The smallest that holds for it."""
    began_at: datetime | None
    """When its first mail left."""


def known_of(policy: Policy, allowed: Allowance, began_at: datetime | None) -> Known:
    """A brake says nothing of how an address used what it had before."""
    own = None if allowed.cause == "brake" else allowed.limits
    return Known(effective_limits(policy, own).per_day, began_at)


def records(known: Mapping[str, Known], now: datetime) -> dict[str, Record]:
    """Of each address in `known`, as far as it is counted."""
    since = _day(now) - (DAYS - 1) * _DAY
    values = {"addresses": list(known), "since": since, "hard": list(HARD)}
    days = {address: _Days(*numbers) for address, *numbers in _rows(_OF_DAYS, values)}
    told = feedback(list(known), since)
    return {
        address: _record(
            days.get(address, _Days()),
            told.get(address, Feedback()),
            of.quota_per_day,
            _age(of.began_at, now),
        )
        for address, of in known.items()
    }


def recently(now: datetime) -> dict[str, Recently]:
    """Of each address from which something left within the windows, since its last release."""
    values = {
        "since": now - COMPLAINT_WINDOW, "bounces_since": now - BOUNCE_WINDOW, "hard": list(HARD)
    }  # fmt: skip
    told = feedback_recently(now - COMPLAINT_WINDOW, now - BOUNCE_WINDOW)
    return {
        address: _recently(told.get(address, Feedback()), *numbers)
        for address, *numbers in _rows(_RECENTLY, values)
    }


def first_relayed(addresses: Collection[str]) -> dict[str, datetime]:
    """The day on which the first mail of each left; who is missing sent none."""
    return dict(_rows(_FIRST, {"addresses": list(addresses)}))


def _recently(told: Feedback, hard_bounces: int, ended: int, relayed: int) -> Recently:
    return Recently(
        hard_bounces=hard_bounces + told.hard_came_back,
        ended=ended,
        complaints=told.complaints,
        relayed=relayed,
    )


def _record(days: _Days, told: Feedback, quota: int | None, age_days: int) -> Record:
    return Record(
        relayed=days.relayed,
        given_up=days.given_up,
        came_back=told.came_back,
        hard_bounces=days.hard_bounces + told.hard_came_back,
        complaints=told.complaints,
        opt_outs=told.opt_outs,
        days_sent=days.days_sent,
        quota_used_percent=_percent(days, quota),
        age_days=age_days,
    )


def _percent(days: _Days, quota: int | None) -> int:
    """Of the quota that there is today; without one nothing of it is used."""
    if not quota or not days.days_sent:
        return 0
    return days.accepted * 100 // (days.days_sent * quota)


def _age(began: datetime | None, now: datetime) -> int:
    # A clock that was set back makes nothing younger than new.
    return 0 if began is None else max(0, (now - began) // _DAY)


def _day(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
