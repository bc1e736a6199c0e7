"""How a suppression looks."""

from django import template

from senders.suppression import Reason, Suppression
from senders.suppressions import wording

register = template.Library()
_ICONS = {
    Reason.HARD_BOUNCE: "mail-x",
    Reason.COMPLAINT: "flag",
    Reason.OPT_OUT: "user-minus",
    Reason.MANUAL: "hand",
    Reason.SOFT: "clock",
}


@register.filter
def reason_kind(row: Suppression) -> str:
    return wording.reason_kind(row)


@register.filter
def reason_icon(row: Suppression) -> str:
    """A lucide name."""
    return _ICONS[Reason(row.reason)]
