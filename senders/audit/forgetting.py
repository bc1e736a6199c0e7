"""The end of old entries. The one deletion that the table's trigger lets through."""

from datetime import datetime

from django.db import connection, transaction

_FORGET = """
DELETE FROM senders_auditentry WHERE id IN (
    SELECT id FROM senders_auditentry WHERE at < %s ORDER BY at LIMIT %s
)
"""
_BATCH = 10_000


def forget_entries(*, before: datetime) -> int:
    """Deletes entries from before then, oldest first and a bounded number; how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('directmail.audit_forget_before', %s, true)", [before.isoformat()]
        )
        cursor.execute(_FORGET, [before, _BATCH])
        return int(cursor.rowcount)
