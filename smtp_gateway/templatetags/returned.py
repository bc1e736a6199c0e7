"""Words and looks of mail that came back."""

from django import template

from smtp_gateway.models import ReturnedMail
from smtp_gateway.returns import wording

register = template.Library()


@register.filter
def returned_look(row: ReturnedMail) -> wording.Look:
    """Colour and icon."""
    return wording.look_of(row)


@register.filter
def returned_kind(row: ReturnedMail) -> str:
    """What it is, in a word or two."""
    return wording.kind_of(row)


@register.filter
def returned_title(row: ReturnedMail) -> str:
    """What happened."""
    return wording.title_of(row)


@register.filter
def returned_means(row: ReturnedMail) -> str:
    """What follows from it."""
    return wording.means_of(row)


@register.filter
def returned_advice(row: ReturnedMail) -> str:
    """What to do about it."""
    return wording.advice_of(row)
