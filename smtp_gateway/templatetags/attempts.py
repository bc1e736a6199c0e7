"""What is known of an attempt, for people."""

from django import template

register = template.Library()

_FAULTS = {
    "recipient": "the trouble is the recipient's",
    "content": "the trouble is with the mail's content",
    "us": "the trouble is ours, not the recipient's",
    "network": "the trouble is in the network",
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
def tls_result_text(result: str) -> str:
    """How far the connection proves whom we talked to; empty where there is nothing to add."""
    return _TLS_RESULTS.get(result, result)
