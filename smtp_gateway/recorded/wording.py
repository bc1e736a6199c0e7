"""A recorded sentence in the language of the page."""

import re
from collections.abc import Sequence
from functools import cache

from django.utils.translation import get_language, gettext

from smtp_gateway.recorded.forms import FORMS

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# Parts of a sentence that are sentences, or pieces of one, which have forms of their own.
_NESTED = frozenset({"why", "who", "detail", "doing", "cause"})


def recorded(text: str) -> str:
    """`text` by its form, or itself where it is marked whole; else as it was recorded."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    return _translated(text)


def form_of(text: str) -> tuple[str, dict[str, str]] | None:
    """The form of a sentence and what its parts are in it; None: it has none."""
    for form, pattern in _patterns():
        if found := pattern.fullmatch(text):
            return form, found.groupdict()
    return None


def _translated(text: str) -> str:
    known = form_of(text)
    if known is None:
        return gettext(text)
    form, parts = known
    told = {name: _translated(part) if name in _NESTED else part for name, part in parts.items()}
    return gettext(form) % told


@cache
def _patterns() -> Sequence[tuple[str, re.Pattern[str]]]:
    return [(form, _pattern(form)) for form in FORMS]


def _pattern(form: str) -> re.Pattern[str]:
    *pairs, last = _PLACEHOLDER.split(form)
    texts, names = pairs[::2], pairs[1::2]
    whole = "".join(
        f"{_plain(text)}(?P<{name}>.+?)" for text, name in zip(texts, names, strict=True)
    )
    return re.compile(whole + _plain(last), re.DOTALL)


def _plain(text: str) -> str:
    return re.escape(text.replace("%%", "%"))
