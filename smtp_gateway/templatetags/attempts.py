"""What is known of an attempt, for people."""

from django import template

from smtp_gateway.relay.classify import RULES

register = template.Library()

_FAULTS = {
    "recipient": "the recipient's fault",
    "content": "the mail's own fault",
    "us": "our fault, not the recipient's",
    "network": "the next hop's or the network's fault",
}
_TLS_RESULTS = {
    "none": "",
    "plain-after-failed-tls": "because TLS failed",
    "opportunistic": "certificate not checked",
    "verified": "certificate checked",
    "mta-sts": "certificate checked as MTA-STS asks",
    "dane": "certificate checked by DANE",
}


@register.filter
def fault_text(fault: str) -> str:
    """Whose fault it was."""
    return _FAULTS.get(fault, fault)


@register.filter
def advice_text(category: str) -> str:
    """What to do about it, by the rules for replies; empty: they don't know the category."""
    known = RULES.categories.get(category)
    return known.advice if known else ""


@register.filter
def tls_result_text(result: str) -> str:
    """How far the connection proves whom we talked to; empty where there is nothing to add."""
    return _TLS_RESULTS.get(result, result)
