"""What a policy comes to, in a sentence or two."""

from django import template

from senders.policies.reading import policy_of
from senders.policies.wording import rules_of

register = template.Library()
_IN_SHORT = ("address", "unsubscribe")


@register.simple_tag
def policy_in_short(mail_type: str) -> str:
    """How much an address of that type may send, and what its recipients get to unsubscribe."""
    rules = rules_of(policy_of(mail_type))
    return " ".join(rule.sentence for rule in rules if rule.key in _IN_SHORT)
