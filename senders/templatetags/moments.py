"""How a moment stands on a page.

By Django's filters and translations, each of which finds the time zone and the language anew and
takes its form apart, one moment took an eighth of a millisecond, and a list has fifty.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils.dateformat import DateFormat
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, pgettext

register = template.Library()
_CHARACTER = re.compile(r"\\(.)|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Forms:
    """As Django's date filter reads them."""

    short: str
    to_the_second: str
    exact: str
    clock: str


@register.simple_tag
def moment(at: datetime, relative: object = False) -> SafeString:
    """`at` in the reader's time zone, with the exact moment and UTC at hand."""
    forms = _forms(get_language())
    local, utc = localtime(at), at.astimezone(UTC)
    shown = _written(local, forms.short)
    words = _relative(at, shown) if relative else shown
    return format_html(
        '<time datetime="{}" title="{} · {} UTC">{}</time>',
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        _written(local, forms.exact),
        _written(utc, forms.clock),
        words,
    )


@register.simple_tag
def moment_to_the_second(at: datetime) -> SafeString:
    """`at` in the reader's time zone."""
    forms, local = _forms(get_language()), localtime(at)
    return format_html(
        '<time class="moment" datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        _written(local, forms.exact),
        _written(local, forms.to_the_second),
    )


def _relative(at: datetime, shown: str) -> SafeString:
    return format_html('{}<span class="visually-hidden"> ({})</span>', naturaltime(at), shown)


@lru_cache(maxsize=32)
def _forms(language: str | None) -> _Forms:
    """In the active language, which `language` names; it is what they are remembered by."""
    return _Forms(
        pgettext("moment, as Django's date filter writes it", "j M Y, H:i"),
        pgettext("moment to the second, as Django's date filter writes it", "j M Y, H:i:s"),
        pgettext("exact moment, as Django's date filter writes it", "l, j F Y, H:i:s e"),
        pgettext("time of day, as Django's date filter writes it", "H:i:s"),
    )


def _written(at: datetime, form: str) -> str:
    """What `date_format` makes of it, without taking the form apart each time."""
    fields = DateFormat(at)
    return "".join(
        str(getattr(fields, text)()) if is_field else text for text, is_field in _parts(form)
    )


@lru_cache(maxsize=64)
def _parts(form: str) -> tuple[tuple[str, bool], ...]:
    """Each character, and whether it stands for something of a moment, as Django defines it."""
    characters = _CHARACTER.findall(form)
    return tuple(
        (escaped or plain, not escaped and plain.isalpha() and hasattr(DateFormat, plain))
        for escaped, plain in characters
    )
