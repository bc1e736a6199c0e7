"""Spreads what has just happened over the month before, as if it had."""

import random
from collections.abc import Iterator

from tests.journeys.relaying import Tables

_DAY_SECONDS = 86_400.0
_RECENT = 60
"""So many of the newest mails are as young as they are."""
_SEED = 30
_FINISHED = """
SELECT message.id FROM smtp_gateway_message AS message WHERE message.origin = 'smtp'
AND NOT EXISTS (SELECT FROM smtp_gateway_delivery AS delivery
                WHERE delivery.message_id = message.id AND delivery.finished_at IS NULL)
ORDER BY message.id
"""
# What happened to one mail stays as far apart as it was.
_AGE = """
WITH age AS (SELECT unnest(%(ids)s::bigint[]) AS id, unnest(%(ages)s::interval[]) AS age),
message AS (
    UPDATE smtp_gateway_message SET accepted_at = accepted_at - age, expires_at = expires_at - age
    FROM age WHERE age.id = smtp_gateway_message.id
),
delivery AS (
    UPDATE smtp_gateway_delivery
    SET finished_at = finished_at - age, next_attempt_at = next_attempt_at - age
    FROM age WHERE age.id = message_id RETURNING smtp_gateway_delivery.id, age
)
UPDATE smtp_gateway_attempt SET at = at - age
FROM delivery WHERE delivery.id = delivery_id
"""


def spread_over_a_month(tables: Tables) -> None:
    with tables.connect() as connection:
        ids = [row[0] for row in connection.execute(_FINISHED)][:-_RECENT]
        connection.execute(_AGE, {"ids": ids, "ages": list(_ages(len(ids)))})


def _ages(number: int) -> Iterator[str]:
    """Intervals, the oldest first, as ids are: more of late, and less at night."""
    chosen = random.Random(_SEED)
    days = sorted((chosen.triangular(0, 29, 2) for _ in range(number)), reverse=True)
    for day in days:
        yield f"{day * _DAY_SECONDS + 3600:.0f} seconds"
