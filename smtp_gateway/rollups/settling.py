"""Up to which id everything is there: nothing below it will appear any more.

Ids are given before they are committed, so a lower one may appear after a higher one. Whoever
writes holds a lock on the table from before it is given an id until it has ended. So once those
who held one after the highest id was read are gone, all up to that id is there or never will be.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

_NEWEST = """
SELECT (SELECT coalesce(max(id), 0) FROM smtp_gateway_delivery),
       (SELECT coalesce(max(id), 0) FROM smtp_gateway_attempt),
       clock_timestamp()
"""
# This connection's own transaction sees what it wrote, and counts it later or now.
_WRITERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relation IN ('smtp_gateway_delivery'::regclass, 'smtp_gateway_attempt'::regclass)
  AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Newest:
    """The highest ids of a moment, and who was writing after it."""

    delivery_id: int
    attempt_id: int
    at: datetime
    writers: frozenset[str]


def newest() -> Newest:
    """In two statements, in this order: each sees what was committed before it."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        ((delivery_id, attempt_id, at),) = cursor.fetchall()
    return Newest(delivery_id, attempt_id, at, writers())


def writers() -> frozenset[str]:
    """The transactions that may be writing deliveries or attempts at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS)
        return frozenset(name for (name,) in cursor.fetchall())
