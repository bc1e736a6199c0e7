"""Data for a script, in an attribute: the security policy allows no script in the page."""

import json

from django import template
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter
def as_json(value: object) -> str:
    """JSON; the template escapes it for the attribute."""
    return json.dumps(value, cls=DjangoJSONEncoder)
