"""Suppressions on their way into the table: many by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.db import connection, transaction

from senders.suppressions.key import key_of, scope_key

# An expired one that nobody has ended yet makes room for its successor.
_END_EXPIRED = """
UPDATE senders_suppression SET ended_at = expires_at,
    changed_in = pg_current_xact_id()::text::bigint
WHERE ended_at IS NULL AND expires_at <= now() AND target = ANY(%s)
"""
_WRITE = """
INSERT INTO senders_suppression AS known (
    key, scope, sender_address, mail_type, target, domain, reason, category, evidence, note,
    queue_id, caused_by, times, created_at, last_at, expires_at, lifted_by, lift_reason)
SELECT key, scope, sender_address, mail_type, target, domain, reason, category, evidence, note,
    queue_id, caused_by, 1, created_at, created_at, expires_at, '', ''
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
    %s::timestamptz[]) AS t(key, scope, sender_address, mail_type, target, domain, reason,
    category, evidence, note, queue_id, caused_by, created_at, expires_at)
ON CONFLICT (target, reason, scope, sender_address, mail_type) WHERE ended_at IS NULL
DO UPDATE SET
    times = known.times + %s::int,
    last_at = greatest(known.last_at, excluded.last_at),
    -- NULL is for ever.
    expires_at = CASE WHEN known.expires_at IS NOT NULL AND excluded.expires_at IS NOT NULL
        THEN greatest(known.expires_at, excluded.expires_at) END,
    changed_in = excluded.changed_in
WHERE %s OR (known.expires_at IS NOT NULL AND
    (excluded.expires_at IS NULL OR excluded.expires_at > known.expires_at))
RETURNING id, target, xmax = 0
"""
_COLUMNS = attrgetter(
    "key", "scope", "sender_address", "mail_type", "target", "domain", "reason", "category",
    "evidence", "note", "queue_id", "caused_by", "created_at", "expires_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One suppression as it is to be written; `services` makes it."""

    target: str
    reason: str
    scope: str
    sender_address: str
    mail_type: str
    created_at: datetime
    expires_at: datetime | None = None
    category: str = ""
    evidence: str = ""
    note: str = ""
    queue_id: str = ""
    caused_by: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """Of one identity at most one holds."""
        return self.target, self.reason, self.scope, self.sender_address, self.mail_type

    @property
    def key(self) -> int:
        return key_of(scope_key(self.sender_address, self.mail_type), self.target)

    @property
    def domain(self) -> str:
        return self.target.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Written:
    """A row that was inserted or changed."""

    id: int
    target: str
    is_new: bool


def write(entries: Sequence[Entry], *, counts_again: bool) -> list[Written]:
    """Writes entries, each once, in one order so that nobody waits in a circle.

    `counts_again`: where one holds already, it is counted once more. Else it only gets the later
    end, and is not among what is returned where it has that.
    """
    once = {entry.identity: entry for entry in entries}
    rows = [_COLUMNS(once[identity]) for identity in sorted(once)]
    if not rows:
        return []
    values = [list(column) for column in zip(*rows, strict=True)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_END_EXPIRED, [[row[4] for row in rows]])
        cursor.execute(_WRITE, [*values, int(counts_again), counts_again])
        return [Written(*row) for row in cursor.fetchall()]
