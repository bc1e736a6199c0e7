"""How a page says in which language it is."""

from django import template
from django.utils.translation import to_locale

register = template.Library()


@register.filter
def language_tag(code: str) -> str:
    """Django's `zh-hans` as browsers and speech have it: `zh-Hans` (RFC 5646 section 2.1.1)."""
    return to_locale(code).replace("_", "-")
