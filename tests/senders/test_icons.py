"""The tag `lucide` draws what the library draws."""

from django.template import Context, Template
from lucide.templatetags.lucide import lucide as drawn_by_the_library


def draw(text: str, **context: object) -> str:
    return Template("{% load lucide %}" + text).render(Context(context))


def test_an_icon_is_the_librarys() -> None:
    expected = drawn_by_the_library("send", size=16, aria_hidden="true", class_="big")
    for _ in range(2):
        drawn = draw('{% lucide "send" size=16 aria_hidden="true" class_="big" %}')
        assert drawn == expected


def test_each_size_and_name_is_an_icon_of_its_own() -> None:
    both = draw("{% lucide name size=16 %}{% lucide name size=20 %}", name="mail")
    assert both == drawn_by_the_library("mail", size=16) + drawn_by_the_library("mail", size=20)


def test_what_stands_in_an_attribute_is_escaped() -> None:
    assert "&lt;b&gt;" in draw('{% lucide "mail" title=word %}', word="<b>")
