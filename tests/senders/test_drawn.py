"""The tag `drawn`: a template drawn once for its parameters."""

from django.template import Context, Template
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

BADGE = '{% load components %}{% drawn "components/badge.html" kind="ok" label=label %}'
INCLUDED = '{% include "components/badge.html" with kind="ok" only %}'


def badge(label: object) -> str:
    return Template(BADGE).render(Context({"label": label, "hint": "of the page"}))


def test_it_draws_what_an_include_draws() -> None:
    included = INCLUDED.replace(" only", ' label="Relayed" only')
    for _ in range(2):
        assert badge("Relayed") == Template(included).render(Context())


def test_nothing_of_the_page_slips_in() -> None:
    assert "of the page" not in badge("Relayed")


def test_each_value_is_drawn_for_itself() -> None:
    assert "Relayed" in badge("Relayed")
    assert "Bounced" in badge("Bounced")
    assert "True" in badge(label=True)
    assert ">1</span>" in badge(1)


def test_text_is_escaped_and_markup_is_not_whichever_comes_first() -> None:
    assert "&lt;i&gt;" in badge("<i>")
    assert "<i>" in badge(mark_safe("<i>"))
    assert "&lt;i&gt;" in badge("<i>")


def test_each_language_has_its_own() -> None:
    lazy = gettext_lazy("Yes")
    with translation.override("en"):
        assert "Yes" in badge(lazy)
    with translation.override("de"):
        assert "Ja" in badge(lazy)
    with translation.override("en"):
        assert "Yes" in badge(lazy)
