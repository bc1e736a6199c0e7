"""Brings the catalogs in line with the code: `make messages`. Says what is left to translate."""

import os

import django

from tests.catalogs.files import LANGUAGES, as_compiled, as_text, compiled_file, gathered, text_file
from tests.catalogs.gathering import PACKAGES


def write(package: str, language: str) -> None:
    catalog, file = gathered(package, language), text_file(package, language)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(as_text(catalog))
    compiled_file(package, language).write_bytes(as_compiled(catalog))
    left = [message for message in catalog if message.id and not is_translated(message.string)]
    print(f"{package}, {language}: {len(catalog)} texts, {len(left)} to translate")  # noqa: T201


def is_translated(string: str | tuple[str, ...]) -> bool:
    return all([string] if isinstance(string, str) else string)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directmail.settings")
    django.setup()
    for package in PACKAGES:
        for language in LANGUAGES:
            write(package, language)
