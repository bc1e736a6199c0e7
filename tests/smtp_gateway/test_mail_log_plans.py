"""What the mail log reads for a page does not grow with the history: each filter by its index."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from senders.listing.keyset import Cursor, page
from smtp_gateway import mail_log
from smtp_gateway.mail_list import BY_TIME
from smtp_gateway.mail_log import Wanted
from smtp_gateway.models import ShownState
from smtp_gateway.planning import first_rows

pytestmark = pytest.mark.django_db

# Nearly everything was kept here; the few others of each state are the oldest.
_FILL = """
WITH message AS (
    INSERT INTO smtp_gateway_message (
        queue_id, origin, mail_type, sender_address, mail_from, message_id, subject, size_bytes,
        accepted_at, expires_at, needs_smtputf8, is_8bit, client_name, tls, session_id)
    SELECT 'M' || lpad(n::text, 15, '0'), 'smtp', 'trigger', address, address, '', 'Order ' || n,
        1, now(), now(), false, false, '', '', ''
    FROM (SELECT n, 'app' || n % 20 || '@example.com' AS address
          FROM generate_series(1, 100000) AS n) AS numbered
    RETURNING id
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY id) AS n FROM message
)
INSERT INTO smtp_gateway_delivery (
    message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason,
    finished_at)
SELECT id, 'r' || n || '@example.org', 'trigger', state, now() + interval '1 hour',
    (n % 2)::int, CASE WHEN n > 1500 THEN 'no-smarthost' ELSE '' END, '',
    CASE WHEN state NOT IN ('queued', 'held') THEN now() END
FROM (SELECT *, CASE WHEN n > 1500 THEN 'relayed' ELSE
      (ARRAY['queued', 'held', 'relayed', 'bounced', 'expired', 'cancelled'])[1 + n % 6] END
      AS state FROM numbered) AS placed
"""
_MOST_OF_A_FILTER = 4 * mail_log.FEW
_MOST_OF_A_SEARCH = 4 * mail_log.LOOKED_AT


@pytest.fixture
def history(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FILL)
        cursor.execute("ANALYZE smtp_gateway_message, smtp_gateway_delivery")


def rows_read(node: dict[str, Any]) -> int:
    """By the nodes of a plan that look into tables and indexes, those that were thrown away too."""
    loops = int(node["Actual Loops"])
    looks = "Scan" in node["Node Type"]
    own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * loops if looks else 0
    return int(own) + sum(rows_read(each) for each in node.get("Plans", ()))


def read_for(wanted: Wanted, cursor: Cursor) -> int:
    with CaptureQueriesContext(connection) as queries:
        page(cursor, lambda at: mail_log.fetch(wanted, at))
    read = 0
    with first_rows(), connection.cursor() as database:
        for query in queries:
            if query["sql"].startswith("SELECT"):
                database.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query['sql']}")
                (plan,) = database.fetchone()
                plan = json.loads(plan) if isinstance(plan, str) else plan
                read += rows_read(plan[0]["Plan"])
    return read


def test_a_filter_reads_little_wherever_its_rows_are(history: None) -> None:
    orders = (BY_TIME.order, BY_TIME.order.turned)
    read = {
        (state, order.descending): read_for(Wanted(state=state), Cursor(order))
        for state in ("", *ShownState.values)
        for order in orders
    }
    assert {key: rows for key, rows in read.items() if rows > _MOST_OF_A_FILTER} == {}


def test_a_search_reads_no_more_than_a_part_of_the_history(history: None) -> None:
    searches = [
        Wanted("r17@"),
        Wanted("r", "to"),
        Wanted("app7@example.com"),
        Wanted("app", "from", "bounced"),
        Wanted("M00000000000001"),
        Wanted("@example.org"),
        Wanted("@nowhere.example", "to"),
        Wanted("nothing", "subject"),
        Wanted("nothing", "subject", "relayed"),
    ]
    read = {wanted: read_for(wanted, Cursor(BY_TIME.order)) for wanted in searches}
    assert {wanted: rows for wanted, rows in read.items() if rows > _MOST_OF_A_SEARCH} == {}
