"""Components that hold a body: `{% component "callout" kind="wait" %}...{% endcomponent %}`.

Those without one are included: `{% include "components/badge.html" with ... only %}`.
"""

from typing import Any

from django import template
from django.template.context import Context
from django.template.engine import Engine
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_block_tag(takes_context=True)
def component(context: Context, content: SafeString, name: str, **parameters: Any) -> SafeString:
    """`components/<name>.html` around what stands between the tags, which it calls `body`.

    It sees its parameters only, so that nothing of the page slips in under the same name.
    """
    partial = Engine.get_default().get_template(f"components/{name}.html")
    body = mark_safe(content.strip())  # noqa: S308 - the template escaped it
    inside = {"csrf_token": context.get("csrf_token"), **parameters, "body": body}
    return partial.render(context.new(inside))
