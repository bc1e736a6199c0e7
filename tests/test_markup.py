"""The reader of pages finds what it is there to find."""

import pytest

from tests.markup import faults_of_fragment, faults_of_page

GOOD = (
    '<!DOCTYPE html><html lang="en"><head><title>A · DirectMail</title></head>'
    "<body><main><h1>A</h1>{}</main></body></html>"
)


def test_a_sound_page_has_no_faults() -> None:
    assert faults_of_page(GOOD.format('<label for="a">A</label><input id="a">')) == []


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<p><ul></ul></p>", "does not parse"),
        ('<a href="#">', "does not parse"),
        ("<h1>B</h1>", "2 h1"),
        ('<p id="a"></p><p id="a"></p>', "'a' 2 times"),
        ('<input name="a">', "has no label"),
        ('<button type="submit"></button>', "has no words"),
        ('<p style="color: red">A</p>', "inline style"),
        ('<p onclick="a()">A</p>', "inline onclick"),
        ("<script>a()</script>", "inline script"),
        ('<a href="javascript:a()">A</a>', "script in href"),
        ('<p aria-labelledby="b">A</p>', "leads to no 'b'"),
    ],
    ids=lambda text: text.replace("/", "") if "<" not in text else "",
)
def test_a_fault_is_found(markup: str, fault: str) -> None:
    assert any(fault in each for each in faults_of_page(GOOD.format(markup)))


def test_a_page_without_language_and_title_is_at_fault() -> None:
    page = GOOD.format("").replace(' lang="en"', "").replace("A · ", "· ")
    assert faults_of_page(page) == ["has no language", "has no title"]


def test_a_fragment_needs_no_heading_but_sound_markup() -> None:
    assert faults_of_fragment("<p>A</p>") == []
    assert faults_of_fragment("<p><ul></ul></p>") != []
