"""What the mail log reads for a page does not grow with the history: each filter by its index."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from senders.listing.days import Span
from senders.listing.keyset import Cursor, page
from smtp_gateway import mail_log
from smtp_gateway.mail_list import BY_TIME
from smtp_gateway.mail_log import Wanted
from smtp_gateway.mail_scope import Scope
from smtp_gateway.models import ShownState
from smtp_gateway.planning import first_rows
from tests.smtp_gateway.plans import fill_history, rows_read_by

pytestmark = pytest.mark.django_db

_MOST_OF_A_FILTER = 4 * mail_log.FEW
_MOST_OF_A_SEARCH = 4 * mail_log.LOOKED_AT


@pytest.fixture
def history(db: None) -> None:
    fill_history()


def read_for(wanted: Wanted, cursor: Cursor) -> int:
    with CaptureQueriesContext(connection) as queries:
        page(cursor, lambda at: mail_log.fetch(wanted, at))
    looks = [each["sql"] for each in queries if each["sql"].startswith(("SELECT", "\nWITH"))]
    with first_rows():
        return sum(rows_read_by(statement) for statement in looks)


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


def test_days_read_little_wherever_they_are_and_with_whatever_else(history: None) -> None:
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    begin = today - timedelta(days=35)
    spans = [Span(begin, begin + timedelta(days=1)), Span(begin, None), Span(None, begin)]
    states = ("", ShownState.QUEUED, ShownState.RELAYED, ShownState.KEPT)
    searches = [("", ""), ("r17@", ""), ("nothing", "subject")]
    narrowed = [("", ""), ("batch", ""), ("", "app7@example.com")]
    asked = [
        Wanted(search, where, state, scope=Scope(mail_type, sender, span))
        for span, state, (search, where), (mail_type, sender) in product(
            spans, states, searches, narrowed
        )
    ]
    read = {wanted: read_for(wanted, Cursor(BY_TIME.order)) for wanted in asked}
    assert {wanted: rows for wanted, rows in read.items() if rows > _MOST_OF_A_SEARCH} == {}
