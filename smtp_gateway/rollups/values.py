"""What the counts are to those who read them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

FAILURES = ("deferred", "bounced", "expired", "returned")
"""Outcomes that have a reason."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many recipients met each fate in some time, each once for each of them."""

    accepted: int = 0
    relayed: int = 0
    """Those kept in the local mailbox are not among them: they have not left."""
    kept: int = 0
    deferred: int = 0
    bounced: int = 0
    expired: int = 0
    cancelled: int = 0
    suppressed: int = 0
    uncertain: int = 0
    set_aside: int = 0
    returned: int = 0
    """Bounced after a next hop had taken it: among those relayed, too."""
    deferred_attempts: int = 0
    """Not recipients: each may be deferred many times."""

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*[getattr(self, n) + getattr(other, n) for n in COUNT_NAMES])

    @property
    def failed(self) -> int:
        """Given up is given up, after one attempt or after days."""
        return self.bounced + self.expired

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, name) for name in COUNT_NAMES)


_NAMES = {"set-aside": "set_aside"}
COUNT_NAMES = tuple(field.name for field in fields(Counts))


@dataclass(frozen=True, slots=True)
class Number:
    """What was counted of one slot of time, mail type, outcome and reason."""

    slot: int
    mail_type: str
    outcome: str
    reason: str
    events: int
    recipients: int
    reason_recipients: int


@dataclass(frozen=True, slots=True)
class Slot:
    """One bar of a picture: an hour or a day and its counts."""

    begin: datetime
    counts: Counts


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something failed, and how often; `outcome` is one of FAILURES."""

    outcome: str
    code: str
    recipients: int


@dataclass(frozen=True, slots=True)
class SenderCounts:
    """What was counted of a sender address; empty: DirectMail itself."""

    address: str
    counts: Counts


def total(numbers: Iterable[Number]) -> Counts:
    """All of them together."""
    sums: dict[str, int] = {}
    for number in numbers:
        name = _NAMES.get(number.outcome, number.outcome)
        sums[name] = sums.get(name, 0) + number.recipients
        if name == "deferred":
            sums["deferred_attempts"] = sums.get("deferred_attempts", 0) + number.events
    return Counts(**sums)


def by_slot(numbers: Sequence[Number], begins: Sequence[datetime]) -> list[Slot]:
    """A slot for each begin; a number's slot is the place of its begin."""
    own: list[list[Number]] = [[] for _ in begins]
    for number in numbers:
        own[number.slot].append(number)
    return [Slot(begin, total(each)) for begin, each in zip(begins, own, strict=True)]


def by_mail_type(numbers: Sequence[Number]) -> dict[str, Counts]:
    """Of those mail types that occur."""
    return {
        mail_type: total(n for n in numbers if n.mail_type == mail_type)
        for mail_type in sorted({n.mail_type for n in numbers}, reverse=True)
    }


def by_reason(numbers: Iterable[Number]) -> list[Reason]:
    """The most frequent first."""
    found: dict[tuple[str, str], int] = {}
    for number in numbers:
        if number.outcome in FAILURES:
            key = (number.outcome, number.reason)
            found[key] = found.get(key, 0) + number.reason_recipients
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Reason(*key, recipients) for key, recipients in ordered if recipients]
