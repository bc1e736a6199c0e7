"""What is wrong with the markup of a page: read by a strict parser, then by rules of our own."""

from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import html5lib

Element = ET.Element
_NEEDS_LABEL = {"input", "select", "textarea"}
_NEEDS_NO_LABEL = {"hidden", "submit", "button", "image", "reset"}
_REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget")
# What these lead to is brought by a script, or stands on the page around a fragment.
_NOT_HERE = {"dialog-title"}


def faults_of_page(text: str) -> list[str]:
    """Everything that is wrong with a whole page."""
    page = _parsed(text)
    if isinstance(page, str):
        return [page]
    return [*_faults_of_document(page), *_faults_of_content(page)]


def faults_of_fragment(text: str) -> list[str]:
    """Everything that is wrong with what htmx puts into a page, which has what it refers to."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        fragment = parser.parseFragment(text, container="div")
    except html5lib.html5parser.ParseError as error:
        return [_parse_error(parser, error)]
    return [*_inline(fragment), *_double_ids(fragment), *_unlabelled(fragment), *_unnamed(fragment)]


def scripts_of(text: str) -> list[dict[str, str]]:
    """The attributes of each script of a page."""
    page = _parsed(text)
    assert not isinstance(page, str), page
    return [dict(script.attrib) for script in page.iter("script")]


def _parsed(text: str) -> Element | str:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        page: Element = parser.parse(text)
    except html5lib.html5parser.ParseError as error:
        return _parse_error(parser, error)
    return page


def _parse_error(parser: html5lib.HTMLParser, error: Exception) -> str:
    places = [f"line {place[0]}: {code} {values}" for place, code, values in parser.errors]
    return f"does not parse: {places or error}"


def _faults_of_document(page: Element) -> Iterator[str]:
    if not page.get("lang"):
        yield "has no language"
    title = page.find("head/title")
    if title is None or not _words(title).removesuffix("· DirectMail").strip():
        yield "has no title"
    headings = list(page.iter("h1"))
    if len(headings) != 1 or not _words(headings[0]):
        yield f"has {len(headings)} h1 with words: {[_words(each) for each in headings]}"
    if len(list(page.iter("main"))) != 1:
        yield "has no single main"


def _faults_of_content(page: Element) -> Iterator[str]:
    yield from _inline(page)
    yield from _double_ids(page)
    yield from _unlabelled(page)
    yield from _unnamed(page)
    yield from _dangling(page)


def _inline(page: Element) -> Iterator[str]:
    for element in page.iter():
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"inline {element.tag}: {(element.text or '')[:60]}"
        for name, value in element.attrib.items():
            if name == "style" or name.startswith(("on", "hx-on")):
                yield f"inline {name} on <{element.tag}>: {value[:60]}"
            if name in ("href", "src", "action") and value.strip().startswith("javascript:"):
                yield f"script in {name} of <{element.tag}>"


def _double_ids(page: Element) -> Iterator[str]:
    ids = Counter(each.get("id") for each in page.iter() if each.get("id") is not None)
    yield from (f"id {name!r} {count} times" for name, count in ids.items() if count > 1)
    if "" in ids:
        yield "an id is empty"


def _unlabelled(page: Element) -> Iterator[str]:
    labels = {label.get("for") for label in page.iter("label")}
    inside = {field for label in page.iter("label") for field in label.iter()}
    for field in _perceived(page):
        if field.tag not in _NEEDS_LABEL or field.get("type") in _NEEDS_NO_LABEL:
            continue
        is_named = field.get("aria-label") or field.get("aria-labelledby")
        is_labelled = field in inside or (field.get("id") and field.get("id") in labels)
        if not is_labelled and not is_named:
            yield f"<{field.tag} name={field.get('name')}> has no label"


def _unnamed(page: Element) -> Iterator[str]:
    for element in _perceived(page):
        if element.tag in {"a", "button", "summary"} and not _has_name(element):
            yield f"<{element.tag}> has no words: {element.attrib}"
        if element.tag == "img" and element.get("alt") is None:
            yield f"<img> has no alt: {element.attrib}"


def _perceived(page: Element) -> Iterator[Element]:
    """What somebody sees or hears: a script may fill what is hidden before it shows it."""
    if page.get("hidden") is None and page.get("aria-hidden") != "true":
        yield page
        for child in page:
            yield from _perceived(child)


def _has_name(element: Element) -> bool:
    return bool(_words(element) or element.get("aria-label") or element.get("aria-labelledby"))


def _dangling(page: Element) -> Iterator[str]:
    ids = {each.get("id") for each in page.iter()} | _NOT_HERE
    for element in page.iter():
        for name in _REFERENCES:
            for target in (element.get(name) or "").split():
                if target not in ids:
                    yield f"{name} of <{element.tag}> leads to no {target!r}"


def _words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
