"""Rows that somebody ticked, as a form carries them."""

from django.http import QueryDict

from senders.listing.keyset import number

MAX_TICKED = 1000


def ticked(query: QueryDict, name: str = "row") -> tuple[int, ...]:
    """Their keys; what is no key is left out."""
    keys = [number(text) for text in query.getlist(name)[:MAX_TICKED]]
    return tuple(dict.fromkeys(key for key in keys if key is not None))
