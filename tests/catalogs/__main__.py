"""Brings the catalogs in line with the code: `make messages`. Says what is left to translate."""

import os

import django

from tests.catalogs.files import LANGUAGES, as_compiled, as_text, compiled_file, gathered, text_file


def write(language: str) -> None:
    catalog = gathered(language)
    text_file(language).parent.mkdir(parents=True, exist_ok=True)
    text_file(language).write_bytes(as_text(catalog))
    compiled_file(language).write_bytes(as_compiled(catalog))
    left = [message for message in catalog if message.id and not is_translated(message.string)]
    print(f"{language}: {len(catalog)} texts, {len(left)} left to translate")  # noqa: T201


def is_translated(string: str | tuple[str, ...]) -> bool:
    return all([string] if isinstance(string, str) else string)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directmail.settings")
    django.setup()
    for language in LANGUAGES:
        write(language)
