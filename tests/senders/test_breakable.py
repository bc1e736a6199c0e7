"""Addresses on narrow pages: broken behind the @, and harmless."""

from senders.templatetags.addresses import breakable


def test_a_line_may_end_behind_the_at_sign() -> None:
    assert breakable("news@example.com") == "news@<wbr>example.com"


def test_what_looks_like_markup_stays_text() -> None:
    assert breakable("<b>@example.com") == "&lt;b&gt;@<wbr>example.com"
