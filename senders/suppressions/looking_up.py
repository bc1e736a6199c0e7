"""Which rows have to be looked for to know whether somebody gets mail, and which of them fit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import product

from senders.suppressions.key import scope_key, target_key
from senders.suppressions.target import target_of_recipient, targets_of

_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """A suppression that holds, as `statements.FIND` reads it."""

    sender_address: str
    mail_type: str
    target: str
    reason: str
    category: str
    evidence: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What came and went since an earlier look, as `statements.CHANGES` reads it."""

    snapshot: str
    """Which transactions are seen: for the next look."""
    is_of_another: bool
    """The earlier look was at another database, or at one that was set back since."""
    count: int
    """Of rows, several of which may share a number; never more than was asked for."""
    added: Sequence[int]
    removed: Sequence[int]


def recipient_keys(recipient: str) -> tuple[int, ...]:
    """The upper halves of the numbers under which a recipient may be suppressed."""
    target = target_of_recipient(recipient)
    return target_key(target), *_domain_keys(target.rpartition("@")[2])


@lru_cache(_REMEMBERED)
def _domain_keys(domain: str) -> tuple[int, ...]:
    # The domain itself, and those above it.
    return tuple(map(target_key, targets_of(domain)[1:]))


@lru_cache(_REMEMBERED)
def scope_keys(sender_address: str, mail_type: str) -> tuple[int, int, int]:
    """The lower halves: of the organisation, of the mail type and of the sender address."""
    return scope_key(), scope_key("", mail_type), scope_key(sender_address, "")


def keys(sender_address: str, mail_type: str, recipient: str) -> list[int]:
    """The numbers to ask for."""
    pairs = product(recipient_keys(recipient), scope_keys(sender_address, mail_type))
    return [upper << 32 | lower for upper, lower in pairs]


def fitting(rows: Iterable[Row], sender_address: str, mail_type: str, recipient: str) -> Row | None:
    """The row that decides: of the recipient before one of its domain, the oldest first."""
    targets = targets_of(target_of_recipient(recipient))
    scopes = (("", ""), ("", mail_type), (sender_address, ""))
    found = [
        row
        for row in rows
        if row.target in targets and (row.sender_address, row.mail_type) in scopes
    ]
    return min(found, key=lambda row: targets.index(row.target), default=None)
