"""What ends by itself: suppressions whose time is over, and days of soft bounces."""

from datetime import UTC, datetime

from django.db import connection

from senders.suppression import SoftBounce
from senders.suppressions.rules_in_force import rules_in_force

_EACH = 5_000
# Gateways forget what has ended; until then they ask once more for each mail.
_END = """
UPDATE senders_suppression SET ended_at = expires_at,
    changed_in = pg_current_xact_id()::text::bigint
WHERE id IN (
    SELECT id FROM senders_suppression WHERE ended_at IS NULL AND expires_at <= now()
    ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED)
"""


def end_expired(*, most: int = _EACH) -> bool:
    """Ends up to `most`; whether there may be more."""
    with connection.cursor() as cursor:
        cursor.execute(_END, [most])
        return bool(cursor.rowcount >= most)


def forget_soft_bounces(now: datetime) -> int:
    """Days that count no more; says how many."""
    before = (now - rules_in_force().soft_window).astimezone(UTC).date()
    return SoftBounce.objects.filter(on__lte=before).delete()[0]
