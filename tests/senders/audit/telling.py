"""What the audit log tells, for tests of what is to be told."""

from typing import Any

from senders.audit.wording import ACTIONS, FIELDS, KINDS
from senders.models import AuditEntry

Told = tuple[str, str, dict[str, Any], dict[str, Any]]


def told(*, since: int = 0) -> list[Told]:
    """Action, object, before and after of each entry, oldest first; all of them have words."""
    rows = AuditEntry.objects.order_by("id")[since:]
    for row in rows:
        assert row.action in ACTIONS
        assert row.object_kind in KINDS
        assert {*row.before, *row.after} <= FIELDS.keys()
    return [(row.action, row.object_label, row.before, row.after) for row in rows]
