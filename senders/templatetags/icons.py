"""The tag `lucide` that all templates load, drawing each icon once.

The library's own takes a fortieth of a millisecond for one, and a list has hundreds.
"""

from functools import lru_cache

from django import template
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide as draw

register = template.Library()
_MAX_DRAWN = 2000


@register.simple_tag
def lucide(name: str, *, size: int | None = 24, **attributes: str | int) -> SafeString:
    """The icon `name` as SVG; attributes with underscores for hyphens."""
    return _drawn(str(name), size, tuple(attributes.items()))


@lru_cache(_MAX_DRAWN)
def _drawn(
    name: str, size: int | None, attributes: tuple[tuple[str, str | int], ...]
) -> SafeString:
    return mark_safe(draw(name, size=size, **dict(attributes)))  # noqa: S308 - drawn as markup
