"""Pages of a list: a page is named by the row at its edge, not by a number.

What comes in or goes away elsewhere moves no page, and a page deep down costs what the first does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

PAGE_SIZE = 50
_MAX_KEY_DIGITS = 18  # fits PostgreSQL's bigint
_MAX_TEXT = 400
_BETWEEN = "~"

Row = TypeVar("Row")
AnyQuerySet = TypeVar("AnyQuerySet", bound="QuerySet[Any, Any]")
Edge = tuple[Any, ...]
"""A row's value for each key of the order."""


@dataclass(frozen=True, slots=True)
class Key:
    """A column or an annotation, never NULL; `read` makes its value of the text in a URL."""

    field: str
    read: Callable[[str], Any | None]


@dataclass(frozen=True, slots=True)
class Order:
    """By each key in turn, all of them one way; the last one is unique."""

    keys: tuple[Key, ...]
    descending: bool = True

    @property
    def turned(self) -> "Order":
        return replace(self, descending=not self.descending)

    def edge_of(self, row: object) -> Edge:
        return tuple(getattr(row, key.field) for key in self.keys)

    def read(self, text: str) -> Edge | None:
        """The edge in a URL; None: it is none."""
        parts = text.rsplit(_BETWEEN, len(self.keys) - 1)
        if len(parts) != len(self.keys):
            return None
        values = [key.read(part) for key, part in zip(self.keys, parts, strict=True)]
        return None if None in values else tuple(values)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: below a row, or above it; neither: at the top."""

    order: Order
    edge: Edge | None = None
    is_upwards: bool = False
    size: int = PAGE_SIZE

    @classmethod
    def of(cls, order: Order, query: Mapping[str, str]) -> "Cursor":
        """From a URL's query; what is no edge counts as absent."""
        below = order.read(query.get("below", ""))
        if below is not None:
            return cls(order, below)
        above = order.read(query.get("above", ""))
        return cls(order, above, is_upwards=above is not None)

    @property
    def is_descending(self) -> bool:
        """The way that rows are fetched: upwards from the edge first, then turned round."""
        return self.order.descending is not self.is_upwards

    def cut(self, rows: AnyQuerySet) -> AnyQuerySet:
        """The page's rows and one more, which tells whether there is a page behind it."""
        return self.ordered(rows)[: self.size + 1]

    def ordered(self, rows: AnyQuerySet) -> AnyQuerySet:
        """All from the edge on."""
        if self.edge is not None:
            rows = rows.filter(_beyond(self.order.keys, self.edge, "lt", "gt")[self.is_descending])
        sign = "-" if self.is_descending else ""
        return rows.order_by(*(f"{sign}{key.field}" for key in self.order.keys))

    def until(self, edge: Edge) -> Q:
        """What a walk from this cursor meets no later than `edge`, the row itself included."""
        beyond = _beyond(self.order.keys, edge, "lte", "gte")
        return beyond[not self.is_descending]


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """What was fetched: the page's rows and one more where there is one."""

    rows: Sequence[Row]
    looked_until: Edge | None = None
    """Not looked at is what lies beyond this row; None: everything was."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in their order, and the edges its neighbours begin at; None: there is no such page."""

    rows: Sequence[Row]
    above: Edge | None
    below: Edge | None
    looked_until: Edge | None = None
    """More may match beyond this row, which is where the search stopped."""


def page(cursor: Cursor, fetch: Callable[[Cursor], Slice[Row]]) -> Page[Row]:
    """The page at `cursor`; `fetch` answers with rows cut by the cursor it is given."""
    found = fetch(cursor)
    rows, has_more = found.rows[: cursor.size], len(found.rows) > cursor.size
    looked_until = None if has_more else found.looked_until
    if cursor.is_upwards and not has_more and looked_until is None:
        # Nearly at the top: the first page in full, rather than a few rows.
        return page(Cursor(cursor.order, size=cursor.size), fetch)
    onwards = cursor.order.edge_of(rows[-1]) if has_more else looked_until
    if cursor.is_upwards:
        back = cursor.order.edge_of(rows[0]) if rows else cursor.edge
        return Page(rows[::-1], onwards, back, looked_until)
    back = cursor.order.edge_of(rows[0]) if rows else cursor.edge
    return Page(rows, back if cursor.edge is not None else None, onwards, looked_until)


def walk(cursor: Cursor, fetch: Callable[[Cursor], Slice[Row]]) -> Iterator[Sequence[Row]]:
    """All rows from `cursor` down, `cursor.size` at a time at most."""
    here: Cursor | None = cursor
    while here is not None:
        found = fetch(here)
        rows = found.rows[: here.size]
        yield rows
        has_more = len(found.rows) > here.size
        edge = here.order.edge_of(rows[-1]) if has_more else found.looked_until
        here = None if edge is None else replace(here, edge=edge)


def looked_at(candidates: "QuerySet[Any, Any]", cursor: Cursor, most: int) -> Edge | None:
    """The edge of the last of `most` rows from the cursor on; None: there are not so many.

    For a search that no index carries: it looks at so many rows at a time, however many there are.
    """
    fields = [key.field for key in cursor.order.keys]
    found = cursor.ordered(candidates).values_list(*fields)[most : most + 1]
    return next((tuple(edge) for edge in found), None)


def written(edge: Edge | None) -> str:
    """As it stands in a URL; empty: none."""
    return "" if edge is None else _BETWEEN.join(map(_text, edge))


def number(text: str) -> int | None:
    """The number in a URL or a form; None: it is none."""
    usable = text.isascii() and text.isdigit() and len(text) <= _MAX_KEY_DIGITS
    return int(text) if usable else None


def moment(text: str) -> datetime | None:
    """The time in a URL; None: it is none, or none that every zone can say."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_usable = at.tzinfo is not None and MINYEAR < at.year < MAXYEAR
    return at.astimezone(UTC) if is_usable else None


def words(text: str) -> str | None:
    """The text in a URL; None: there is none that the database can hold."""
    return text if text and "\0" not in text and len(text) <= _MAX_TEXT else None


def _text(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _beyond(keys: Sequence[Key], edge: Edge, below: str, above: str) -> tuple[Q, Q]:
    """Conditions: above the edge, and below it."""
    return _side(keys, edge, above), _side(keys, edge, below)


def _side(keys: Sequence[Key], edge: Edge, lookup: str) -> Q:
    (key, *more), (value, *rest) = keys, edge
    if not more:
        return Q(**{f"{key.field}__{lookup}": value})
    # The first half alone lets an index in; PostgreSQL finds no bound in an OR.
    strict = lookup.removesuffix("e")
    farther = Q(**{f"{key.field}__{strict}": value})
    level = Q(**{key.field: value}) & _side(more, tuple(rest), lookup)
    return Q(**{f"{key.field}__{strict}e": value}) & (farther | level)
