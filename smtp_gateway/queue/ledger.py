"""The ledger: accepted = relayed + kept here + waiting + bounced + expired + cancelled, always.

Counted in recipients, in one statement, so that everything is seen at the same moment however
many relays are at work. Reads whole tables: for commands and tests, not for pages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils import timezone

from smtp_gateway import reasons
from smtp_gateway.queue.binding import binding_cursor

Grouping = Literal["lane", "sender", "day"]
GROUPINGS: tuple[Grouping, ...] = ("lane", "sender", "day")

_KEYS = {
    None: "''",
    "lane": "CASE delivery.lane WHEN 'paced' THEN 'batch' ELSE delivery.lane END",
    "sender": "message.sender_address",
    "day": "to_char(message.accepted_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD')",
}
_WITH_MESSAGE = "JOIN smtp_gateway_message AS message ON message.id = delivery.message_id"
# Each fate by a condition of its own, and not as the rest of the others: a delivery in a state
# that nobody thought of is then missing from the sum.
_LEDGER = """
WITH line AS (
    SELECT {key} AS name, count(*) AS accepted,
        count(*) FILTER (WHERE state = 'relayed' AND NOT reason_code = ANY(%(kept)s)) AS relayed,
        count(*) FILTER (WHERE state = 'relayed' AND reason_code = ANY(%(kept)s)) AS kept,
        count(*) FILTER (WHERE state = 'relayed' AND reason_code = %(returned)s) AS returned,
        count(*) FILTER (WHERE state = 'queued') AS queued,
        count(*) FILTER (WHERE state = 'leased') AS being_relayed,
        count(*) FILTER (WHERE state = 'held') AS set_aside,
        count(*) FILTER (WHERE state = 'bounced') AS bounced,
        count(*) FILTER (WHERE state = 'expired') AS expired,
        count(*) FILTER (WHERE state = 'cancelled') AS cancelled
    FROM smtp_gateway_delivery AS delivery {join}
    GROUP BY 1
)
SELECT
    (SELECT count(*) FROM smtp_gateway_message AS message WHERE NOT EXISTS
        (SELECT FROM smtp_gateway_delivery WHERE message_id = message.id)),
    (SELECT count(*) FROM smtp_gateway_delivery AS delivery
        WHERE finished_at IS NULL AND NOT EXISTS
        (SELECT FROM smtp_gateway_messagecontent WHERE message_id = delivery.message_id)),
    line.*
FROM (SELECT) AS always LEFT JOIN line ON true
ORDER BY line.name
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of what was accepted, in recipients; `name`: the lane, sender or day."""

    name: str = ""
    accepted: int = 0
    relayed: int = 0
    """Those kept in the local mailbox are not among them."""
    kept: int = 0
    returned: int = 0
    """Those of the relayed that bounced later: not in the sum again."""
    queued: int = 0
    being_relayed: int = 0
    set_aside: int = 0
    bounced: int = 0
    expired: int = 0
    cancelled: int = 0

    @property
    def waiting(self) -> int:
        return self.queued + self.being_relayed + self.set_aside

    @property
    def accounted(self) -> int:
        """As many as were accepted, or some are lost."""
        finished = self.relayed + self.kept + self.bounced + self.expired + self.cancelled
        return finished + self.waiting


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines, in the order of their names, and what must not be."""

    lines: tuple[Line, ...]
    without_delivery: int
    """Messages that nobody is to get."""
    without_content: int
    """Recipients that wait for a mail whose content is gone."""

    @property
    def total(self) -> Line:
        sums = (sum(counts) for counts in zip(*map(_counts, self.lines), strict=True))
        return Line("", *sums)

    @property
    def faults(self) -> list[str]:
        """A sentence for everything that is wrong; none: the ledger holds."""
        return list(_faults(self))


def count(by: Grouping | None = None) -> Ledger:
    """The ledger of this moment. Days, as in "2026-03-10", are those of the current time zone."""
    join = _WITH_MESSAGE if by in ("sender", "day") else ""
    statement = _LEDGER.format(key=_KEYS[by], join=join)
    with binding_cursor() as cursor:
        cursor.execute(statement, _values())
        rows = cursor.fetchall()
    lines = tuple(Line(*row[2:]) for row in rows if row[3] is not None)
    return Ledger(lines, *rows[0][:2])


def _values() -> dict[str, object]:
    return {
        "kept": list(reasons.KEPT),
        "returned": reasons.BOUNCED_LATER,
        "zone": timezone.get_current_timezone_name(),
    }


def _counts(line: Line) -> tuple[int, ...]:
    return (
        line.accepted, line.relayed, line.kept, line.returned, line.queued, line.being_relayed,
        line.set_aside, line.bounced, line.expired, line.cancelled,
    )  # fmt: skip


def _faults(ledger: Ledger) -> Iterator[str]:
    for line in ledger.lines:
        if line.accepted != line.accounted:
            of = f" of {line.name}" if line.name else ""
            yield f"{line.accepted} recipients{of} were accepted, {line.accounted} are in the sum."
    if number := ledger.without_delivery:
        yield f"Messages without a recipient: {number}. They will never be relayed."
    if number := ledger.without_content:
        yield f"Recipients that wait for a mail whose content is gone: {number}."
