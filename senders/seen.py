"""What somebody saw before he changed it: a form writes all of its fields, also those he left.

A form carries the mark of the row that filled it. Where the row has another one by now, to save
would undo what somebody else changed, in the name of the one who saves.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _

FIELD = "seen"
"""The hidden field's name."""
_NO_CONTENT = frozenset({"id", "position", "changed_at"})
"""No form writes them."""


class ChangedMeanwhile(Exception):
    """The row is not what was seen."""


def mark_of(row: Model) -> str:
    """Another one for every other content; tells nothing of it."""
    names = sorted({field.attname for field in row._meta.concrete_fields} - _NO_CONTENT)  # noqa: SLF001 - Django's documented API
    return mark_of_values([(name, str(getattr(row, name))) for name in names])


def mark_of_values(values: object) -> str:
    """The same of values that stand in several rows; `repr` has to say all of them."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:24]


def ensure_seen(mark: str, seen: str) -> None:
    """Raises ChangedMeanwhile. `mark`: of what is there, locked; an empty `seen`: do not ask."""
    if seen and seen != mark:
        raise ChangedMeanwhile


def differing(typed: forms.Form, fresh: forms.Form) -> Sequence[tuple[str | Promise, str]]:
    """Where the row says something else than was typed: labels, and what it says by now.

    `fresh`: the same form, filled by the row of now.
    """
    shown = [field for field in fresh if not field.is_hidden]
    return [
        (field.field.widget.attrs.get("aria-label") or field.label, _words(field))
        for field in shown
        if _text(field.value()) != _text(typed[field.name].value())
    ]


def _text(value: Any) -> str:
    return "" if value in (None, False) else str(value).replace("\r\n", "\n").strip()


def _words(field: forms.BoundField) -> str:
    value = field.value()
    if isinstance(field.field, forms.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field.field, forms.ChoiceField):
        labels = dict(cast("Iterable[tuple[Any, Any]]", field.field.choices))
        return str(labels.get(value, value))
    return _text(value) or _("empty")
