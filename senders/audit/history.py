"""Where the history of one object is."""

from urllib.parse import urlencode

from django.urls import reverse

from senders.audit.recording import Target

_BETWEEN = "~"


def history_url(on: Target) -> str:
    return f"{reverse('senders:audit_log')}?{urlencode({'object': object_value(on.kind, on.key)})}"


def object_value(kind: str, key: str) -> str:
    """As the filter of the audit log names an object; without a key: all of its kind."""
    return f"{kind}{_BETWEEN}{key}" if key else kind


def object_of(value: str) -> tuple[str, str]:
    """Kind and key; no key: all of the kind."""
    kind, _, key = value.partition(_BETWEEN)
    return kind, key
