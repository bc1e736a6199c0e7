"""Mail addresses for people."""

from django import template

from verification.mail_address import display

register = template.Library()


@register.filter
def u_labels(address: str) -> str:
    """`address` with its domain as people write it: bücher.example, not xn--bcher-kva.example."""
    return display(address)
