"""Pages that begin at a row: of any order, in both directions, to the end."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from django.http import QueryDict

from senders.listing.keyset import (
    Cursor,
    Key,
    Order,
    Page,
    Slice,
    looked_at,
    moment,
    number,
    page,
    walk,
    words,
    written,
)
from senders.models import SenderAddress
from tests.senders.factories import make_sender

pytestmark = pytest.mark.django_db

BEGAN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
BY_TIME = Order((Key("created_at", moment), Key("id", number)))
BY_ADDRESS = Order((Key("address", words),), descending=False)
BY_ID = Order((Key("id", number),))


def make_rows(count: int) -> None:
    """Three at each moment, so that the key behind it decides."""
    for n in range(count):
        make_sender(f"a{n:03}@example.com", created_at=BEGAN + timedelta(seconds=n // 3))


def fetch(cursor: Cursor) -> Slice[SenderAddress]:
    return Slice(list(cursor.cut(SenderAddress.objects.all())))


def names(rows: Sequence[SenderAddress]) -> list[str]:
    return [sender.address.partition("@")[0] for sender in rows]


def flat(pages: Iterable[list[str]]) -> list[str]:
    return list(chain.from_iterable(pages))


def pages_from(
    cursor: Cursor, onwards: Callable[[Page[SenderAddress]], QueryDict | None]
) -> list[list[str]]:
    """As somebody clicks through them, with each address written and read again."""
    pages = []
    while True:
        found = page(cursor, fetch)
        pages.append(names(found.rows))
        query = onwards(found)
        if query is None:
            return pages
        cursor = Cursor.of(cursor.order, query)


def below(found: Page[SenderAddress]) -> QueryDict | None:
    return query_of("below", written(found.below))


def above(found: Page[SenderAddress]) -> QueryDict | None:
    return query_of("above", written(found.above))


def query_of(name: str, text: str) -> QueryDict | None:
    query = QueryDict(mutable=True)
    query[name] = text
    return query if text else None


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(BY_TIME, id="by-time"),
        pytest.param(BY_TIME.turned, id="by-time-oldest-first"),
        pytest.param(BY_ADDRESS, id="by-address"),
        pytest.param(BY_ADDRESS.turned, id="by-address-backwards"),
        pytest.param(BY_ID, id="by-id"),
    ],
)
def test_pages_lead_through_all_rows_and_back(order: Order) -> None:
    make_rows(140)
    expected = [f"a{n:03}" for n in range(140)]
    if order.descending:
        expected.reverse()
    down = pages_from(Cursor(order), below)
    assert flat(down) == expected
    assert [len(rows) for rows in down] == [50, 50, 40]
    last = SenderAddress.objects.get(address=f"{expected[-1]}@example.com")
    deepest = Cursor(order, order.edge_of(last), is_upwards=True)
    up = pages_from(deepest, above)
    assert up[-1] == expected[:50]


def test_a_page_that_nearly_reaches_the_top_is_the_first_one_in_full() -> None:
    make_rows(60)
    third = SenderAddress.objects.order_by("-id")[2]
    found = page(Cursor(BY_ID, (third.pk,), is_upwards=True), fetch)
    assert names(found.rows) == [f"a{n:03}" for n in range(59, 9, -1)]
    assert found.above is None


def test_a_page_stays_the_same_while_rows_come_in() -> None:
    make_rows(60)
    query = below(page(Cursor(BY_TIME), fetch))
    assert query is not None
    before = names(page(Cursor.of(BY_TIME, query), fetch).rows)
    make_sender("new@example.com", created_at=BEGAN + timedelta(days=1))
    assert names(page(Cursor.of(BY_TIME, query), fetch).rows) == before


@pytest.mark.parametrize(
    ("order", "text"),
    [
        pytest.param(BY_ID, "x", id="no-number"),
        pytest.param(BY_ID, "-1", id="negative"),
        pytest.param(BY_ID, "9" * 40, id="too-large"),
        pytest.param(BY_ID, "٣", id="foreign-digit"),
        pytest.param(BY_TIME, "7", id="one-of-two"),
        pytest.param(BY_TIME, "yesterday~7", id="no-time"),
        pytest.param(BY_TIME, "2026-01-01T00:00:00~7", id="no-offset"),
        pytest.param(BY_TIME, "0001-01-01T00:00:00+23:00~7", id="before-all-time"),
        pytest.param(BY_ADDRESS, "a\0b", id="nul"),
        pytest.param(BY_ADDRESS, "a" * 500, id="too-long"),
    ],
)
def test_what_is_no_edge_shows_the_first_page(order: Order, text: str) -> None:
    assert Cursor.of(order, {"below": text, "above": text}) == Cursor(order)


def test_a_walk_meets_every_row_once() -> None:
    make_rows(23)
    batches = list(walk(Cursor(BY_TIME, size=5), fetch))
    assert [len(batch) for batch in batches] == [5, 5, 5, 5, 3]
    assert flat(map(names, batches)) == [f"a{n:03}" for n in range(22, -1, -1)]


def fetch_bounded(cursor: Cursor) -> Slice[SenderAddress]:
    """Every tenth row, looking at 21 at a time."""
    everything = SenderAddress.objects.all()
    until = looked_at(everything, cursor, 20)
    rows = everything.filter(address__contains="0@")
    if until is not None:
        rows = rows.filter(cursor.until(until))
    return Slice(list(cursor.cut(rows)), until)


@pytest.mark.parametrize("order", [BY_ID, BY_TIME, BY_ADDRESS], ids=["id", "time", "address"])
def test_a_search_that_looks_at_a_part_at_a_time_finds_everything_in_the_end(order: Order) -> None:
    make_rows(70)
    expected = [f"a{n:03}" for n in range(0, 70, 10)]
    if order.descending:
        expected.reverse()
    first = page(Cursor(order), fetch_bounded)
    assert names(first.rows) == expected[:3] if not order.descending else expected[:2]
    assert first.below == first.looked_until
    cursor, found = Cursor(order), []
    while True:
        part = page(cursor, fetch_bounded)
        found += names(part.rows)
        if part.below is None:
            break
        cursor = Cursor(order, part.below)
    assert found == expected
    assert flat(map(names, walk(Cursor(order), fetch_bounded))) == expected
