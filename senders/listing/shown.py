"""What the templates of a list need: its fields as they are filled, and where its links lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from senders.listing.asked import Asked, Choice, Day, Sort, Words
from senders.listing.keyset import Page


@dataclass(frozen=True, slots=True)
class Head:
    """A column that sorts: where its link leads, and how it sorts now (`aria-sort`)."""

    url: str
    direction: str
    """`ascending`, `descending` or empty."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A list on its page: `list` in the templates."""

    asked: Asked
    page: Page[Any]

    @property
    def url(self) -> str:
        return reverse(self.asked.listing.page)

    @property
    def search(self) -> str:
        return self.asked.search

    @property
    def chosen(self) -> Mapping[str, str]:
        return self.asked.chosen

    @property
    def choices(self) -> Sequence[tuple[Choice, str]]:
        """Each filter and the value that is chosen."""
        return [(each, self.asked.chosen[each.name]) for each in self.asked.listing.choices]

    @property
    def days(self) -> Sequence[tuple[Day, str]]:
        """Each date that can be asked for and the one that is."""
        return [(each, self.asked.chosen[each.name]) for each in self.asked.listing.days]

    @property
    def carried(self) -> Sequence[tuple[str, str]]:
        """What a link brought, to go on with the next search."""
        carried = ((name, self.asked.chosen[name]) for name in self.asked.listing.carried)
        return [(name, value) for name, value in carried if value]

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        return self.asked.fields

    @property
    def sorts(self) -> Sequence[tuple[str, Words, bool]]:
        """Each order: its value in the URL, its words, and whether it is the one."""
        asked = self.asked
        return [
            (asked.value_of(sort, order), words, order == asked.order)
            for sort in asked.listing.sorts
            for order, words in sort.ways
        ]

    @property
    def is_filtered(self) -> bool:
        return self.asked.is_filtered

    @property
    def is_live(self) -> bool:
        """What comes in belongs at its top, and is found without a long look."""
        asked = self.asked
        is_newest = asked.cursor.edge is None and asked.order.descending
        return asked.sort.is_by_time and is_newest and not self.is_partial

    @property
    def heads(self) -> Mapping[str, Head]:
        """By the names of the sorts."""
        return {sort.name: self._head(sort) for sort in self.asked.listing.sorts}

    @property
    def export_url(self) -> str:
        return self.asked.export_url

    @property
    def above_url(self) -> str:
        return self.asked.page_url(above=self.page.above) if self.page.above else ""

    @property
    def below_url(self) -> str:
        return self.asked.page_url(below=self.page.below) if self.page.below else ""

    @property
    def above_label(self) -> str:
        return self._label(is_newer=self.asked.order.descending, plain=_("Previous"))

    @property
    def below_label(self) -> str:
        return self._label(is_newer=not self.asked.order.descending, plain=_("Next"))

    @property
    def is_partial(self) -> bool:
        """The search stopped before it had looked at everything."""
        return self.page.looked_until is not None

    def _label(self, *, is_newer: bool, plain: str) -> str:
        if not self.asked.sort.is_by_time:
            return plain
        return _("Newer") if is_newer else _("Older")

    def _head(self, sort: Sort) -> Head:
        if sort != self.asked.sort:
            return Head(self.asked.sorted_url(sort, sort.order), "")
        now = self.asked.order
        direction = "descending" if now.descending else "ascending"
        return Head(self.asked.sorted_url(sort, now.turned), direction)
