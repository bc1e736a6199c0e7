"""What is known of an attempt, for people."""

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from smtp_gateway.relay.classify import RULES

register = template.Library()

_FAULTS = {
    "recipient": _("It is the recipient's fault."),
    "content": _("It is the mail's own fault."),
    "us": _("It is our fault, not the recipient's."),
    "network": _("It is the next hop's or the network's fault."),
}
_TLS_RESULTS = {
    "none": "",
    "plain-after-failed-tls": _("because TLS failed"),
    "opportunistic": _("certificate not checked"),
    "verified": _("certificate checked"),
    "mta-sts": _("certificate checked as MTA-STS asks"),
    "dane": _("certificate checked by DANE"),
}


@register.filter
def fault_text(fault: str) -> str:
    """Whose fault it was."""
    return str(_FAULTS.get(fault, fault))


@register.filter
def advice_text(category: str) -> str:
    """What to do about it, by the rules for replies; empty: they don't know the category."""
    known = RULES.categories.get(category)
    return gettext(known.advice) if known and known.advice else ""


@register.filter
def tls_result_text(result: str) -> str:
    """How far the connection proves whom we talked to; empty where there is nothing to add."""
    return str(_TLS_RESULTS.get(result, result))
