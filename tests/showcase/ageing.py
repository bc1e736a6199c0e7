"""Spreads what has just happened over the month before, as if it had."""

import random
from collections.abc import Iterator

from tests.journeys.relaying import Tables
from tests.showcase.mails import LATELY

_DAY_SECONDS = 86_400.0
_SEED = 30
_MAILS = "SELECT id FROM smtp_gateway_message WHERE origin = 'smtp' ORDER BY id"
# What happened to one mail stays as far apart as it was.
_AGE = """
WITH age AS (SELECT unnest(%(ids)s::bigint[]) AS id, unnest(%(ages)s::interval[]) AS age),
message AS (
    UPDATE smtp_gateway_message SET accepted_at = accepted_at - age, expires_at = expires_at - age
    FROM age WHERE age.id = smtp_gateway_message.id
),
delivery AS (
    UPDATE smtp_gateway_delivery
    SET finished_at = finished_at - age
    FROM age WHERE age.id = message_id RETURNING smtp_gateway_delivery.id, age
), caught AS (
    UPDATE smtp_gateway_caughtmail SET caught_at = caught_at - age
    FROM age WHERE age.id = message_id
)
UPDATE smtp_gateway_attempt SET at = at - age
FROM delivery WHERE delivery.id = delivery_id
"""


def spread_over_a_month(tables: Tables) -> None:
    """All that was submitted, in its order."""
    with tables.connect() as connection:
        ids = [row[0] for row in connection.execute(_MAILS)]
        connection.execute(_AGE, {"ids": ids, "ages": list(_ages(len(ids) - LATELY, LATELY))})


def _ages(before: int, lately: int) -> Iterator[str]:
    """Intervals, the oldest first, as ids are."""
    chosen = random.Random(_SEED)
    days = [chosen.triangular(1, 29, 3) for _ in range(before)]
    days += [chosen.triangular(0.01, 1, 0.1) for _ in range(lately)]
    for day in sorted(days, reverse=True):
        yield f"{day * _DAY_SECONDS:.0f} seconds"
