"""What an action finds, it finds by indexes, however much mail there is."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from senders.listing.days import Span
from smtp_gateway import walked_search
from smtp_gateway.actions import preview
from smtp_gateway.mail_scope import Scope
from smtp_gateway.models import ActionName, Delivery
from smtp_gateway.planning import by_index
from smtp_gateway.selection import MAX_DELIVERIES, NoSelection, Selection, find
from tests.smtp_gateway.mails import make_mail

pytestmark = pytest.mark.django_db

# One of fifty waits, one of a hundred bounced; 20 sender addresses.
_FILL = """
WITH message AS (
    INSERT INTO smtp_gateway_message (
        queue_id, origin, mail_type, sender_address, mail_from, message_id, subject, size_bytes,
        accepted_at, expires_at, needs_smtputf8, is_8bit, client_name, tls, session_id)
    SELECT 'M' || lpad(n::text, 15, '0'), 'smtp', 'trigger', address, address, '', '', 1,
        now(), now(), false, false, '', '', ''
    FROM (SELECT n, 'app' || n % 20 || '@example.com' AS address
          FROM generate_series(1, 20000) AS n) AS numbered
    RETURNING id
)
INSERT INTO smtp_gateway_delivery (
    message_id, recipient, lane, state, next_attempt_at, attempt_count, reason_code, reason,
    finished_at)
SELECT id, 'r' || id || '@example.org', 'trigger',
    CASE WHEN id % 50 = 0 THEN 'queued' WHEN id % 100 = 1 THEN 'bounced' ELSE 'relayed' END,
    now() + interval '1 hour', 0, '', '', CASE WHEN id % 50 = 0 THEN NULL ELSE now() END
FROM message
"""


_AROUND_NOW = Span(timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1))
_SCOPES = (Scope("trigger"), Scope(sender="app7@example.com"), Scope(days=_AROUND_NOW))


def plans_of(queries: Sequence[dict[str, Any]]) -> str:
    plans = []
    with by_index(), connection.cursor() as cursor:
        for query in queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN {query['sql']}")
                plans += [line for (line,) in cursor.fetchall()]
    return "\n".join(plans)


def test_no_action_reads_a_whole_table_to_find_what_it_is_done_to() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FILL)
        cursor.execute("ANALYZE smtp_gateway_message, smtp_gateway_delivery")
    found = 0
    with CaptureQueriesContext(connection) as queries:
        for action in ActionName:
            for search in ("", "app7@example.com", "r1@", "M000000000000001"):
                for state in ("", "queued", "bounced"):
                    selection = Selection("found", search=search, state=state)
                    found += len(find(selection, action))
            for scope in _SCOPES:
                found += len(find(Selection("found", scope=scope), action))
    assert found > 1000
    assert "Seq Scan" not in plans_of(list(queries))


def test_a_selection_survives_its_way_through_a_form() -> None:
    texts = (
        "of=mail&queue_id=01KB2Q7XG5W9D3MT",
        "of=mail&queue_id=01KB2Q7XG5W9D3MT&delivery=7",
        "of=ticked&delivery=7&delivery=9&q=anna%40&state=held",
        "of=found&q=anna%40&state=held&up_to=12",
        "of=found&type=batch&sender=news%40example.com&from=2026-03-01&to=2026-03-02",
        "of=found",
    )
    for text in texts:
        selection = Selection.of_query(QueryDict(text))
        again = QueryDict(mutable=True)
        for name, value in selection.fields:
            again.appendlist(name, value)
        assert Selection.of_query(again) == selection


@pytest.mark.parametrize(
    "text",
    ["", "of=ticked", "of=ticked&delivery=x", "of=mail", "of=mail&queue_id=x", "of=all&q=a"],
)
def test_what_names_nothing_is_no_selection(text: str) -> None:
    with pytest.raises(NoSelection):
        Selection.of_query(QueryDict(text))


def test_it_finds_one_more_than_an_action_takes() -> None:
    for _ in range(102):
        make_mail(recipients=[f"r{n}@example.org" for n in range(100)])
    found = find(Selection("found"), ActionName.CANCEL)
    newest = list(Delivery.objects.order_by("-id").values_list("id", flat=True)[:3])
    assert len(found) == MAX_DELIVERIES + 1
    assert [delivery_id for delivery_id, _ in found[:3]] == newest


@pytest.mark.parametrize(
    ("search", "where", "wanted"),
    [("Rare", "subject", [4, 1]), ("@rare.example", "", [5, 4]), ("rare", "subject", [4, 1])],
    ids=["subject", "domain", "small letters"],
)
def test_what_no_index_carries_is_found_in_windows_newest_first(
    monkeypatch: pytest.MonkeyPatch, search: str, where: str, wanted: list[int]
) -> None:
    monkeypatch.setattr(walked_search, "LOOKED_AT", 2)
    made = []
    for number in range(7):
        address = "to@rare.example" if number in (4, 5) else "to@example.org"
        subject = b"A rare one" if number in (1, 4) else b"One of many"
        content = b"Subject: " + subject + b"\r\n\r\nHello.\r\n"
        make_mail(recipients=[address], content=content, subject=subject.decode())
        made.append(Delivery.objects.latest("pk").pk)
    with CaptureQueriesContext(connection) as queries:
        found = find(Selection("found", search=search, where=where), ActionName.CANCEL)
    assert [delivery_id for delivery_id, _ in found] == [made[each] for each in wanted]
    looks = [each["sql"] for each in queries if "ORDER BY" in each["sql"]]
    assert len(looks) == 4


def test_a_search_of_a_very_long_history_looks_at_its_newest_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(4):
        make_mail(recipients=["to@rare.example"])
    selection = Selection("found", search="@rare.example")
    assert not preview(ActionName.CANCEL, selection).is_partial
    monkeypatch.setattr(walked_search, "MOST_LOOKED_AT", 2)
    newest = list(Delivery.objects.order_by("-id").values_list("id", flat=True)[:2])
    assert [delivery_id for delivery_id, _ in find(selection, ActionName.CANCEL)] == newest
    assert preview(ActionName.CANCEL, selection).is_partial
    assert not preview(ActionName.CANCEL, Selection("found", search="to@")).is_partial


def test_a_walk_through_nothing_finds_nothing() -> None:
    assert find(Selection("found", search="@rare.example"), ActionName.CANCEL) == []
