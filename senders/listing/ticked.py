"""Rows that somebody ticked, as a form carries them."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from senders.listing.asked import Words
from senders.listing.keyset import number

MAX_TICKED = 1000


@dataclass(frozen=True, slots=True)
class OnTicked:
    """An action on ticked rows, as `components/list_ticked.html` shows it."""

    label: Words
    icon: str
    url_name: str
    """Of the page that asks; it gets the ticked rows as `row`."""

    @property
    def url(self) -> str:
        return reverse(self.url_name)


def ticked(query: QueryDict, name: str = "row") -> tuple[int, ...]:
    """Their keys; what is no key is left out."""
    keys = [number(text) for text in query.getlist(name)[:MAX_TICKED]]
    return tuple(dict.fromkeys(key for key in keys if key is not None))
