"""Where the history of an object is, for its page."""

from django import template

from senders.audit.history import history_url as url_of
from senders.audit.recording import Target

register = template.Library()


@register.simple_tag
def history_url(kind: str, key: object) -> str:
    """The audit log, filtered by that object."""
    return url_of(Target(kind, str(key)))
