"""The catalogs of each language beside English: text for people, compiled for Django."""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.catalogs.gathering import BASE_DIR, texts_of

LANGUAGES = ("zh_Hans",)
_HEADER = "# The console's texts in {language}. `make messages` gathers and compiles them.\n#"
# Of no use to anybody, and different each time.
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def text_file(package: str, language: str) -> Path:
    return BASE_DIR / package / "locale" / language / "LC_MESSAGES" / "django.po"


def compiled_file(package: str, language: str) -> Path:
    return text_file(package, language).with_suffix(".mo")


def catalog_of(package: str, language: str) -> Catalog:
    """As the file has it; empty where there is none."""
    try:
        return read_po(io.BytesIO(text_file(package, language).read_bytes()), locale=language)
    except FileNotFoundError:
        return Catalog(locale=language)


def template(package: str) -> Catalog:
    """All texts of its code, untranslated."""
    catalog = Catalog()
    for text in texts_of(package):
        catalog.add(
            text.msgid,
            locations=[(text.file, 0)],
            auto_comments=text.comments,
            context=text.context,
        )
    return catalog


def gathered(package: str, language: str) -> Catalog:
    """The catalog with the texts that the code has now: new ones are untranslated."""
    known, catalog = catalog_of(package, language), _new(language)
    for message in template(package):
        if message.id:
            before = known.get(_first(message.id), message.context)
            translated = before.string if before and before.id == message.id else ""
            catalog.add(
                message.id,
                translated,
                locations=sorted(set(message.locations)),
                flags=message.flags,
                auto_comments=message.auto_comments,
                context=message.context,
            )
    return catalog


def _new(language: str) -> Catalog:
    return Catalog(
        locale=language,
        project="DirectMail",
        version="1",
        copyright_holder="DirectMail",
        msgid_bugs_address="-",
        last_translator="DirectMail",
        language_team="DirectMail",
        header_comment=_HEADER.format(language=language),
        fuzzy=False,
        creation_date=_NO_TIME,
        revision_date=_NO_TIME,
    )


def as_text(catalog: Catalog) -> bytes:
    written = io.BytesIO()
    write_po(written, catalog, include_lineno=False, sort_output=True, width=100)
    return written.getvalue()


def as_compiled(catalog: Catalog) -> bytes:
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def _first(msgid: str | tuple[str, ...] | list[str]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]
