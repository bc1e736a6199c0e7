"""A time as a range of ids, which grow with time, all but.

What walks by id, or has an index that ends with it, begins and ends there, however long the history
before and after is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from senders.listing.days import Span

_OUT_OF_ORDER = timedelta(minutes=5)
"""More than passes between the moment of a row and its insertion, on any machine."""


@dataclass(frozen=True, slots=True)
class Clocked:
    """A table whose rows are inserted as time goes."""

    table: str
    rows: str
    """SQL that says `id` and the moment `at` of its rows, `row` being one of the table."""


DELIVERIES = Clocked(
    "smtp_gateway_delivery",
    "SELECT row.id, message.accepted_at AS at FROM smtp_gateway_delivery AS row"
    " JOIN smtp_gateway_message AS message ON message.id = row.message_id",
)
RETURNS = Clocked(
    "smtp_gateway_returnedmail",
    "SELECT row.id, row.received_at AS at FROM smtp_gateway_returnedmail AS row",
)

# Halves what is left of all ids until the first one is found that is not earlier. One round trip;
# it reads a row for each time that the history doubles.
_FIRST_ID_SINCE = """
WITH RECURSIVE span (low, high) AS (
    SELECT min(id), max(id) + 1 FROM {of.table}
  UNION ALL
    SELECT CASE WHEN looked.at < %(moment)s THEN looked.id + 1 ELSE low END,
           CASE WHEN looked.at < %(moment)s THEN high ELSE (low + high) / 2 END
    FROM span, LATERAL (
        {of.rows} WHERE row.id >= (low + high) / 2 ORDER BY row.id LIMIT 1
    ) AS looked
    WHERE low < high
)
SELECT low FROM span WHERE low >= high
"""


def ids_in(span: Span, of: Clocked) -> Q:
    """The range of ids that holds all rows of the days, and a few around them."""
    condition = Q()
    if span.since is not None:
        condition &= Q(pk__gte=_first_id_since(span.since - _OUT_OF_ORDER, of))
    if span.until is not None:
        condition &= Q(pk__lt=_first_id_since(span.until + _OUT_OF_ORDER, of))
    return condition


def _first_id_since(moment: datetime, of: Clocked) -> int:
    """Where no row is so new, beyond the newest."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_ID_SINCE.format(of=of), {"moment": moment})
        row = cursor.fetchone()
    return int(row[0]) if row else 0
