"""A language that nobody speaks: every text in brackets, so that what has none was not marked."""

import io
import re
from pathlib import Path

import allauth
import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.catalogs.files import template
from tests.catalogs.gathering import PACKAGES

CODE = "qps"
"""Of those that ISO 639-2 leaves to private use; pseudo languages are called so by custom."""
OPENS, CLOSES = "⟦", "⟧"
# What is put into a text, and its markup: neither is the text's own.
_FOREIGN = re.compile(r"(%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]+>|&\w+;)")
_LIBRARIES = (
    Path(django.__file__).parent / "conf",
    Path(django.__file__).parent / "contrib" / "auth",
    Path(django.__file__).parent / "contrib" / "humanize",
    Path(allauth.__file__).parent,
)


def write(directory: Path) -> None:
    """The catalog of this language, as a directory for LOCALE_PATHS."""
    file = directory / CODE / "LC_MESSAGES" / "django.mo"
    file.parent.mkdir(parents=True)
    compiled = io.BytesIO()
    write_mo(compiled, _catalog())
    file.write_bytes(compiled.getvalue())


def bracketed(text: str) -> str:
    """Each of its own parts in brackets, so that what is put into it has to have its own."""
    return "".join(
        part if index % 2 or not part.strip() else f"{OPENS}{part}{CLOSES}"
        for index, part in enumerate(_FOREIGN.split(text))
    )


def _catalog() -> Catalog:
    catalog = Catalog()
    for source in (*map(_of_library, _LIBRARIES), *map(template, PACKAGES)):
        for message in source:
            if message.id:
                catalog.add(message.id, _translated(message.id), context=message.context)
    return catalog


def texts_of_libraries() -> set[str | tuple[str, str]]:
    """What they can say without a context; a pair where it has a plural."""
    found = [each for source in map(_of_library, _LIBRARIES) for each in source]
    return {each.id for each in found if not each.context and re.search("[A-Za-z]", str(each.id))}


def _of_library(directory: Path) -> Catalog:
    file = directory / "locale" / "en" / "LC_MESSAGES" / "django.po"
    return read_po(io.BytesIO(file.read_bytes()))


def _translated(msgid: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return bracketed(msgid) if isinstance(msgid, str) else tuple(map(bracketed, msgid))
