"""Components that hold a body: `{% component "callout" kind="wait" %}...{% endcomponent %}`.

Those without one are included: `{% include "components/badge.html" with ... only %}`. What is the
same in row after row is drawn once: `{% drawn "smtp_gateway/state.html" state=... %}`.
"""

from functools import lru_cache
from typing import Any

from django import template
from django.template.context import Context
from django.template.engine import Engine
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()
_MAX_DRAWN = 1000
Plain = str | int | bool | None


@register.simple_block_tag(takes_context=True)
def component(context: Context, content: SafeString, name: str, **parameters: Any) -> SafeString:
    """`components/<name>.html` around what stands between the tags, which it calls `body`.

    It sees its parameters only, so that nothing of the page slips in under the same name.
    """
    partial = Engine.get_default().get_template(f"components/{name}.html")
    body = mark_safe(content.strip())  # noqa: S308 - the template escaped it
    inside = {"csrf_token": context.get("csrf_token"), **parameters, "body": body}
    return partial.render(context.new(inside))


@register.simple_tag
def drawn(name: str, **parameters: Plain | Promise) -> SafeString:
    """The template `name` with these parameters, drawn once for their values and the language.

    It sees nothing else, so what is remembered is right for everybody. A time is shown in a zone
    that nobody names here: it has no place among them.
    """
    plain = ((key, _plain(value)) for key, value in parameters.items())
    named = tuple((key, type(value), value) for key, value in plain)
    return _drawn(name, get_language(), named)


def _plain(value: Plain | Promise) -> Plain:
    return str(value) if isinstance(value, Promise) else value


@lru_cache(_MAX_DRAWN)
def _drawn(
    name: str, language: str | None, named: tuple[tuple[str, type, Plain], ...]
) -> SafeString:
    # Types tell what is escaped already from the same text that is not, and 1 from True.
    parameters = {key: value for key, _type, value in named}
    return Engine.get_default().get_template(name).render(Context(parameters))
