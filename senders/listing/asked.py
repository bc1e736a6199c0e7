"""What a list's URL asks for: a search text, filters, an order, and a page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise

from senders.listing.keyset import PAGE_SIZE, Cursor, Edge, Order, written

EXPORT_BATCH = 1000
"""Rows of one statement, and of one piece of a file."""

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter of which one value can be chosen, or none."""

    name: str
    label: Words
    all_label: Words
    """What the list shows where nothing is chosen."""
    options: tuple[tuple[str, Words], ...]

    def chosen(self, query: Mapping[str, str]) -> str:
        """Empty: nothing that is known."""
        value = query.get(self.name, "")
        return value if value in dict(self.options) else ""


@dataclass(frozen=True, slots=True)
class Day:
    """A filter that is a date."""

    name: str
    label: Words

    def chosen(self, query: Mapping[str, str]) -> str:
        """As ISO 8601 writes it; empty: none, or what is none."""
        day = day_of(query.get(self.name, ""))
        return day.isoformat() if day else ""


def day_of(text: str) -> date | None:
    """None: no date from the years that people mean."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year < 10_000 - 1 else None


@dataclass(frozen=True, slots=True)
class Sort:
    """A way to sort; `order` has the direction that comes first."""

    name: str
    order: Order
    first: Words
    """That direction in words, as in "Newest first"."""
    turned: Words = ""
    """The other one; empty: it cannot be turned."""
    is_by_time: bool = False
    """Its pages are called newer and older."""

    @property
    def ways(self) -> list[tuple[Order, Words]]:
        """Its directions, and their words."""
        other = [(self.order.turned, self.turned)] if self.turned else []
        return [(self.order, self.first), *other]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as its view declares it: names of its URLs, its filters and its orders."""

    page: str
    export: str
    sorts: tuple[Sort, ...]
    """The first one where none is asked for."""
    choices: tuple[Choice, ...] = ()
    days: tuple[Day, ...] = ()
    page_size: int = PAGE_SIZE
    carried: tuple[str, ...] = ()
    """Filters that a link brings and no field shows: any text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request's wishes; anything unknown in it counts as absent."""

    listing: Listing
    search: str
    chosen: Mapping[str, str]
    """By the names of the choices, the days and of what is carried; empty: all."""
    sort: Sort
    cursor: Cursor

    @classmethod
    def of(cls, listing: Listing, query: Mapping[str, str]) -> "Asked":
        sort, order = _order(listing, query.get("sort", ""))
        return cls(
            listing=listing,
            search=search_text(query),
            chosen={
                **{choice.name: choice.chosen(query) for choice in listing.choices},
                **{day.name: day.chosen(query) for day in listing.days},
                **{name: _storable(query.get(name, "")) for name in listing.carried},
            },
            sort=sort,
            cursor=replace(Cursor.of(order, query), size=listing.page_size),
        )

    @property
    def order(self) -> Order:
        return self.cursor.order

    @property
    def is_filtered(self) -> bool:
        return bool(self.search) or any(self.chosen.values())

    @property
    def sort_value(self) -> str:
        return self.value_of(self.sort, self.order)

    def value_of(self, sort: Sort, order: Order) -> str:
        """As it stands in the URL; empty: the list's own order."""
        return "" if order == self.listing.sorts[0].order else _value(sort, order)

    def page_url(self, **place: Edge | None) -> str:
        """The list with the same wishes, `below` or `above` a row, or at the top."""
        return f"{reverse(self.listing.page)}{self._query(self.sort_value, **place)}"

    def sorted_url(self, sort: Sort, order: Order) -> str:
        """The same in another order, from the top."""
        return f"{reverse(self.listing.page)}{self._query(self.value_of(sort, order))}"

    @property
    def export_url(self) -> str:
        return f"{reverse(self.listing.export)}{self._query(self.sort_value)}"

    @property
    def export_cursor(self) -> Cursor:
        """From the top, whichever page is shown."""
        return Cursor(self.order, size=EXPORT_BATCH)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The search and the filters, by the names of their fields; the empty ones left out."""
        return [(n, v) for n, v in (("q", self.search), *self.chosen.items()) if v]

    def _query(self, sort: str, **place: Edge | None) -> str:
        edges = [(name, written(edge)) for name, edge in place.items()]
        pairs = [(n, v) for n, v in (*self.fields, ("sort", sort), *edges) if v]
        return f"?{urlencode(pairs)}" if pairs else ""


def search_text(query: Mapping[str, str]) -> str:
    """The search field."""
    return _storable(query.get("q", "")).strip()


def _storable(text: str) -> str:
    """Without what PostgreSQL's text cannot hold."""
    return text.replace("\0", "")


def _order(listing: Listing, value: str) -> tuple[Sort, Order]:
    for sort in listing.sorts:
        for order, _ in sort.ways:
            if value == _value(sort, order):
                return sort, order
    return listing.sorts[0], listing.sorts[0].order


def _value(sort: Sort, order: Order) -> str:
    return f"-{sort.name}" if order.descending else sort.name
