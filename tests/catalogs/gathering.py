"""Finds every text that is marked for translation, in Python, templates and rules files."""

import io
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.extract import extract
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parents[2]
TEMPLATES = BASE_DIR / "templates"
PACKAGES = ("directmail", "smtp_gateway", "senders", "verification")
_KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop", "translatable"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], ((1, "c"), 2, 3)),
}
# Tables of rules whose sentences the console shows: the file, and which of its keys are texts.
RULES = {
    Path("smtp_gateway/relay/rules/categories.toml"): ("means", "advice"),
}


class Text(NamedTuple):
    """One message; `msgid` is a pair where it has a plural."""

    msgid: str | tuple[str, ...]
    context: str | None
    comments: tuple[str, ...]
    file: str


def texts_of(package: str) -> Iterator[Text]:
    """Those of its code, of its templates and of its rules."""
    for file in _files(package):
        yield from _texts_of(file)
    for path, keys in RULES.items():
        if path.parts[0] == package:
            yield from _texts_of_rules(BASE_DIR / path, keys)


def _files(package: str) -> list[Path]:
    code = (BASE_DIR / package).rglob("*.py")
    templates = [*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt")]
    pages = [each for each in templates if _package_of(each) == package]
    return sorted(each for each in [*code, *pages] if "migrations" not in each.parts)


def _package_of(template: Path) -> str:
    """Those of no other package are the console's own."""
    folder = template.relative_to(TEMPLATES).parts[0]
    return folder if folder in PACKAGES else "directmail"


def _texts_of(file: Path) -> Iterator[Text]:
    code = file.read_text()
    if file.suffix != ".py":
        # What is no tag is blanked out there, and a line's indent would be taken for Python's.
        code = "\n".join(line.strip() for line in templatize(code, origin=str(file)).split("\n"))
    name = str(file.relative_to(BASE_DIR))
    found = extract("python", io.BytesIO(code.encode()), _KEYWORDS, ["Translators:"])
    for _line, msgid, comments, context in found:
        yield Text(msgid, context, tuple(comments), name)


def _texts_of_rules(path: Path, keys: tuple[str, ...]) -> Iterator[Text]:
    name = str(path.relative_to(BASE_DIR))
    for entry in _tables(tomllib.loads(path.read_text())):
        for key in keys:
            if isinstance(entry.get(key), str):
                yield Text(entry[key], None, (), name)


def _tables(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _tables(each)
