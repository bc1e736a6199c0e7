"""How an address stands on a page."""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def breakable(address: str) -> SafeString:
    """`address` with the best place for a line break named: behind the @."""
    return mark_safe(escape(address).replace("@", "@<wbr>"))  # noqa: S308 - escaped before
