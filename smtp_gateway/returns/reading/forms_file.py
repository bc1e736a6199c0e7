"""Reads the forms of returned mail, and says what is wrong with them: rules/forms.toml.

Pure but for reading.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from smtp_gateway.returns.reading.forms import Form, Where
from smtp_gateway.returns.reading.said import Kind

SHIPPED = Path(__file__).parents[1] / "rules" / "forms.toml"

_LISTS = ("from", "subject", "begins", "headers", "says", "recipient", "reason")
_KINDS = ("failed", "delayed", "auto-reply", "challenge")
_LOOKS = ("from", "subject", "begins", "headers", "says")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_MOST_NAME_CHARS = 40


class BadForms(Exception):
    """Forms that cannot be used; the text names the entry and what is wrong."""


def load(path: Path = SHIPPED) -> tuple[Form, ...]:
    """The forms in their order. Raises BadForms."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadForms(f"{path.name} cannot be read: {error}") from error
    entries = table.get("forms")
    if not isinstance(entries, list) or not entries or set(table) != {"forms"}:
        raise BadForms(f"{path.name} needs [[forms]], and nothing else")
    forms = tuple(_form(number, entry) for number, entry in enumerate(entries, 1))
    names = [form.name for form in forms]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise BadForms(f"two forms are called {twice}")
    return forms


def _form(number: int, entry: object) -> Form:
    if not isinstance(entry, dict):
        raise BadForms(f"form {number} is no table")
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.match(name) or len(name) > _MOST_NAME_CHARS:
        raise BadForms(f"form {number} has no name of lower-case words with hyphens")
    if unknown := set(entry) - {"name", "kind", *_LISTS}:
        raise BadForms(f"form {name}: unknown key {min(unknown)!r}")
    if entry.get("kind") not in _KINDS:
        raise BadForms(f"form {name}: kind is none of {', '.join(_KINDS)}")
    if not any(key in entry for key in _LOOKS):
        raise BadForms(f"form {name} would fit every mail")
    lists = {key: _texts(entry, key, name) for key in _LISTS}
    return Form(
        name=name,
        kind=cast(Kind, entry["kind"]),
        sender=_lower(lists["from"]),
        subject=_lower(lists["subject"]),
        begins=_lower(lists["begins"]),
        headers=[_header(text) for text in lists["headers"]],
        says=_lower(lists["says"]),
        recipient=[_where(text, name, re.MULTILINE) for text in lists["recipient"]],
        reason=[_where(text, name, re.MULTILINE | re.DOTALL) for text in lists["reason"]],
    )


def _texts(entry: Mapping[str, Any], key: str, name: str) -> list[str]:
    values = entry.get(key, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
        raise BadForms(f"form {name}: {key} is no list of texts")
    if key in entry and not values:
        raise BadForms(f"form {name}: {key} is empty; leave it out where any fits")
    return values


def _lower(texts: list[str]) -> list[str]:
    return [" ".join(text.lower().split()) for text in texts]


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.lower().partition(":")
    return name.strip(), value.strip()


def _where(text: str, name: str, flags: re.RegexFlag) -> Where:
    if text.startswith("header: "):
        return Where(header=text.removeprefix("header: ").strip().lower())
    try:
        pattern = re.compile(text, flags)
    except re.error as error:
        raise BadForms(f"form {name}: {text!r} is no regular expression: {error}") from error
    if pattern.groups != 1:
        raise BadForms(f"form {name}: {text!r} has {pattern.groups} groups and not one")
    return Where(pattern)
