"""Every text of the console is in each catalog, translated, with the same placeholders."""

import re

import pytest

from tests.catalogs.files import (
    LANGUAGES,
    as_compiled,
    as_text,
    catalog_of,
    compiled_file,
    gathered,
    text_file,
)
from tests.catalogs.gathering import PACKAGES

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|<[^>]+>")

every_catalog = pytest.mark.parametrize(
    ("package", "language"), [(package, each) for package in PACKAGES for each in LANGUAGES]
)


@every_catalog
def test_the_catalog_has_the_texts_that_the_code_has(package: str, language: str) -> None:
    wanted = as_text(gathered(package, language))
    assert text_file(package, language).read_bytes() == wanted, "make messages"


@every_catalog
def test_the_compiled_catalog_is_of_the_text(package: str, language: str) -> None:
    wanted = as_compiled(catalog_of(package, language))
    assert compiled_file(package, language).read_bytes() == wanted, "make messages"


@every_catalog
def test_every_text_is_translated(package: str, language: str) -> None:
    texts = [each for each in catalog_of(package, language) if each.id]
    assert [each.id for each in texts if each.fuzzy or not _all(each.string)] == []


@every_catalog
def test_a_translation_has_the_placeholders_of_its_text(package: str, language: str) -> None:
    wrong = {}
    for each in catalog_of(package, language):
        if each.id:
            wanted = _placeholders(_forms(each.id)[-1])
            if any(_placeholders(form) != wanted for form in _forms(each.string)):
                wrong[each.id] = each.string
    assert wrong == {}


def _forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _all(text: str | tuple[str, ...]) -> bool:
    return all(_forms(text))


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))
