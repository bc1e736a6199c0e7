"""Entries of the audit log as its page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from senders.audit.acting import ActorKind
from senders.audit.entry import AuditEntry
from senders.audit.history import history_url
from senders.audit.recording import Target
from senders.audit.value_words import value_words
from senders.audit.wording import Words, action_words, field_words


@dataclass(frozen=True, slots=True)
class Value:
    """A value in words; a time keeps being one, for the page to show in its zone."""

    text: str = ""
    at: datetime | None = None

    def __bool__(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Change:
    """One field; None: the field was not there before, or is not there after."""

    label: Words
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One row."""

    entry: AuditEntry

    @property
    def action(self) -> Words:
        return action_words(self.entry.action)

    @property
    def actor(self) -> Words:
        return self.entry.actor or ActorKind(self.entry.actor_kind).label

    @property
    def actor_note(self) -> Words:
        """What is no operator says so; empty: an operator."""
        has_name = self.entry.actor and self.entry.actor_kind != ActorKind.OPERATOR
        return ActorKind(self.entry.actor_kind).label if has_name else ""

    @property
    def history_url(self) -> str:
        """Empty: it was done to nothing that has a history."""
        entry = self.entry
        return history_url(Target(entry.object_kind, entry.object_key)) if entry.object_key else ""

    @property
    def changes(self) -> Sequence[Change]:
        before, after = self.entry.before, self.entry.after
        names = list(dict.fromkeys([*before, *after]))
        changes = [
            Change(field_words(name), _side(before, name), _side(after, name)) for name in names
        ]
        return [change for change in changes if change.before or change.after]


def _side(values: dict[str, object], name: str) -> Value | None:
    return value_of(name, values[name]) if name in values else None


def value_of(name: str, value: object) -> Value:
    """A field's value as it stands in JSON."""
    if name.endswith("_at") and isinstance(value, str) and value:
        return _moment(value)
    if isinstance(value, bool):
        return Value(_("yes") if value else _("no"))
    if isinstance(value, list):
        return Value(", ".join(map(str, value)))
    return Value("" if value is None else value_words(name, str(value)))


def _moment(text: str) -> Value:
    try:
        return Value(text, datetime.fromisoformat(text))
    except ValueError:
        return Value(text)
