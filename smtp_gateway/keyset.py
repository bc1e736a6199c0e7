"""Pages of a list that grows at its head: a page is named by a row at its edge, not by a number.

Knows no model. Keys are positive integers that grow; the newest row comes first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

PAGE_SIZE = 50
_MAX_KEY_DIGITS = 18  # fits PostgreSQL's bigint

Row = TypeVar("Row")
AnyQuerySet = TypeVar("AnyQuerySet", bound="QuerySet[Any, Any]")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: below `before`, or above `after`; neither: at the newest row."""

    before: int | None = None
    after: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Cursor":
        """From a URL's query; what is no key counts as absent."""
        before = key_of(query.get("before", ""))
        return cls(before, key_of(query.get("after", "")) if before is None else None)

    def cut(self, rows: AnyQuerySet, key: str) -> AnyQuerySet:
        """The page's rows and one more, which tells whether there is a page behind it."""
        if self.after is not None:
            rows = rows.filter(**{f"{key}__gt": self.after}).order_by(key)
        elif self.before is not None:
            rows = rows.filter(**{f"{key}__lt": self.before}).order_by(f"-{key}")
        else:
            rows = rows.order_by(f"-{key}")
        return rows[: PAGE_SIZE + 1]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, newest first, and the keys its neighbours begin at; None: there is no such page."""

    rows: Sequence[Row]
    newer_than: int | None
    older_than: int | None


def page(
    cursor: Cursor, fetch: Callable[[Cursor], Sequence[Row]], key: Callable[[Row], int]
) -> Page[Row]:
    """The page at `cursor`; `fetch` answers with rows cut by the cursor it is given."""
    found = fetch(cursor)
    if cursor.after is not None and len(found) <= PAGE_SIZE:
        # Nearly at the head: the newest page in full, rather than a few rows.
        return page(Cursor(), fetch, key)
    rows, has_more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    if cursor.after is not None:
        rows = rows[::-1]
        return Page(rows, key(rows[0]), key(rows[-1]))
    newer_than = key(rows[0]) if rows and cursor.before is not None else None
    return Page(rows, newer_than, key(rows[-1]) if has_more else None)


def key_of(text: str) -> int | None:
    """The key in a URL or a form; None: it is none."""
    usable = text.isascii() and text.isdigit() and len(text) <= _MAX_KEY_DIGITS
    return int(text) if usable else None
