"""Components with a body, and what they see."""

import pytest
from django.template import Context, Template, TemplateDoesNotExist

LOAD = "{% load components %}"


def rendered(text: str, **context: object) -> str:
    return Template(LOAD + text).render(Context(context))


def test_a_component_stands_around_its_body() -> None:
    page = rendered(
        '{% component "callout" kind="wait" %}<b>{{ name }}</b>{% endcomponent %}', name="x&y"
    )
    assert "notice wait" in page
    assert "<b>x&amp;y</b>" in page


def test_a_component_sees_nothing_of_the_page_but_its_parameters() -> None:
    page = rendered(
        '{% component "callout" %}Body.{% endcomponent %}', title="The page's", kind="bad"
    )
    assert "The page" not in page
    assert "notice info" in page


def test_components_nest() -> None:
    page = rendered(
        '{% component "timeline" label="Life" %}'
        '{% component "timeline_item" icon="check" title="Relayed" kind="ok" %}'
        '{% component "callout" %}Inside.{% endcomponent %}{% endcomponent %}{% endcomponent %}'
    )
    assert (
        page.index('<ol class="timeline"') < page.index("timeline-item ok") < page.index("Inside.")
    )


def test_a_parameter_is_text_and_never_markup() -> None:
    page = rendered('{% component "callout" title=evil %}Body.{% endcomponent %}', evil="<script>")
    assert "<script>" not in page


def test_a_component_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(TemplateDoesNotExist):
        rendered('{% component "nothing" %}{% endcomponent %}')
