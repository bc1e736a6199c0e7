"""A moment stands on a page as Django's own filters would write it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.dateformat import format as django_writes

from senders.templatetags.moments import _written

AT = datetime(2026, 7, 3, 22, 5, 6, 70, tzinfo=UTC)


def shown(**context: object) -> str:
    template = Template('{% include "components/time.html" %}')
    return template.render(Context({"at": AT, **context})).strip()


@pytest.mark.parametrize(
    "form",
    [
        "l, j F Y, H:i:s e",
        "aAbcdDeEfFgGhHiIjlLmMnNoOPrsStTUuwWyYzZ",
        r"\YY\H jS \of F",
        "Y年n月j日 H:i",
        "K, Q & <b>",
        "",
    ],
    ids=["exact", "all", "escaped", "chinese", "no-field", "empty"],
)
def test_a_form_is_read_as_django_reads_it(form: str) -> None:
    with timezone.override("America/New_York"):
        local = timezone.localtime(AT)
        assert _written(local, form) == django_writes(local, form)


def test_the_exact_moment_and_utc_are_at_hand_in_the_readers_zone() -> None:
    with timezone.override("Asia/Shanghai"):
        assert shown() == (
            '<time datetime="2026-07-03T22:05:06Z" '
            'title="Saturday, 4 July 2026, 06:05:06 CST · 22:05:06 UTC">'
            "4 Jul 2026, 06:05</time>"
        )


def test_how_long_ago_it_was_has_the_moment_beside_it() -> None:
    long_ago = shown(at=timezone.now() - timedelta(hours=3), relative=True)
    assert "3\xa0hours ago" in long_ago
    assert '<span class="visually-hidden"> (' in long_ago


def test_each_language_has_its_own_words() -> None:
    english = shown()
    with translation.override("de"):
        assert "Juli" in shown()
    assert shown() == english


def test_a_moment_to_the_second_is_in_the_readers_zone_too() -> None:
    template = Template('{% include "smtp_gateway/moment.html" %}')
    with timezone.override("Asia/Shanghai"):
        written = template.render(Context({"at": AT})).strip()
    assert 'datetime="2026-07-04T06:05:06.000070+08:00"' in written
    assert ">4 Jul 2026, 06:05:06</time>" in written
