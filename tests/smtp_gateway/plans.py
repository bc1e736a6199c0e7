"""A history of a hundred thousand mails, and how much of it the plan of a statement reads."""

import json
from typing import Any

from django.db import connection

# A mail a minute. Nearly everything was kept here; the few others of each state are the oldest.
# Ids of its own, since sequences go on when a test is rolled back, and counts take a gap for what
# is late.
_FILL = """
WITH message AS (
    INSERT INTO smtp_gateway_message (
        id, queue_id, origin, mail_type, sender_address, mail_from, message_id, subject,
        size_bytes, accepted_at, expires_at, needs_smtputf8, is_8bit, client_name, tls, session_id)
    SELECT 1000000000 + n, 'M' || lpad(n::text, 15, '0'), 'smtp', 'trigger', address, address, '',
        'Order ' || n, 1, now() - (100000 - n) * interval '1 minute', now(), false, false, '', '',
        ''
    FROM (SELECT n, 'app' || n % 20 || '@example.com' AS address
          FROM generate_series(1, 100000) AS n) AS numbered
    RETURNING id
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY id) AS n FROM message
)
INSERT INTO smtp_gateway_delivery (
    id, message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason,
    finished_at)
SELECT id, id, 'r' || n || '@example.org', 'trigger', state, now() + interval '1 hour',
    (n % 2)::int, CASE WHEN n > 1500 THEN 'no-smarthost' ELSE '' END, '',
    CASE WHEN state NOT IN ('queued', 'held') THEN now() END
FROM (SELECT *, CASE WHEN n > 1500 THEN 'relayed' ELSE
      (ARRAY['queued', 'held', 'relayed', 'bounced', 'expired', 'cancelled'])[1 + n % 6] END
      AS state FROM numbered) AS placed
"""


def fill_history() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FILL)
        cursor.execute("ANALYZE smtp_gateway_message, smtp_gateway_delivery")


def rows_read_by(statement: str) -> int:
    """With the settings of the transaction that it runs in."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return _rows_read(plan[0]["Plan"])


def _rows_read(node: dict[str, Any]) -> int:
    """By the nodes of a plan that look into tables and indexes, those that were thrown away too."""
    loops = int(node["Actual Loops"])
    looks = "Scan" in node["Node Type"]
    own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * loops if looks else 0
    return int(own) + sum(_rows_read(each) for each in node.get("Plans", ()))
