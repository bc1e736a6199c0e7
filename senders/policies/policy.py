"""The policy of a mail type as a value, and what limits an address in the end. Pure."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Literal

Unsubscribe = Literal["none", "one-click"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many recipients may be accepted in an hour and a day (UTC), and sent in a minute.

    None: as many as come.
    """

    per_hour: int | None = None
    per_day: int | None = None
    pace_per_minute: int | None = None

    def and_also(self, other: "Limits") -> "Limits":
        """What holds where both hold: the smaller of each."""
        return Limits(
            _smaller(self.per_hour, other.per_hour),
            _smaller(self.per_day, other.per_day),
            _smaller(self.pace_per_minute, other.pace_per_minute),
        )


@dataclass(frozen=True, slots=True)
class SendingWindow:
    """The hours of each day in which mail leaves; over midnight where it closes first."""

    opens: time
    closes: time
    time_zone: str
    """An IANA name."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for all mail of one type. Quotas count recipients, by hour and day of UTC."""

    mail_type: str
    address: Limits
    """Of each sender address."""
    organisation: Limits
    """Of all sender addresses of this type together; it has no pace."""
    window: SendingWindow | None
    """None: mail leaves at any time."""
    lifetime: timedelta
    retry_first: timedelta
    retry_longest: timedelta
    max_recipients: int
    """Of one mail."""
    unsubscribe: Unsubscribe
    takes_lifetime_header: bool
    """Whether a mail may ask for a shorter lifetime."""
    bulk_pace_per_minute: int | None
    """The pace of an address whose mail looks like bulk and should not; None: only flagged."""


def effective_limits(policy: Policy, *others: Limits | None) -> Limits:
    """What limits one address: the smaller of its type's policy and each of `others`.

    `others`: what its standing allows, a pace of its own; None: nothing further.
    """
    limits = policy.address
    for other in others:
        if other is not None:
            limits = limits.and_also(other)
    return limits


def _smaller(one: int | None, other: int | None) -> int | None:
    known = [each for each in (one, other) if each is not None]
    return min(known, default=None)
