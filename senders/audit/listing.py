"""The list of the audit log: what it can be asked for, what it finds, and its file."""

import json
from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from senders.audit.acting import ActorKind
from senders.audit.entry import AuditEntry, AuditEntryQuerySet, operators
from senders.audit.history import object_of
from senders.audit.wording import ACTIONS, KINDS, Words
from senders.listing.asked import Asked, Choice, Listing, Sort
from senders.listing.csv_export import Column
from senders.listing.days import FROM_TO, Span
from senders.listing.keyset import Cursor, Key, Order, Slice, looked_at, number

LOOKED_AT = 20_000
"""Entries that one page of a search looks at."""
_NEWEST_FIRST = Sort(
    "at", Order((Key("id", number),)), _("Newest first"), _("Oldest first"), is_by_time=True
)
_RANGES: dict[str, tuple[Words, timedelta]] = {
    "1h": (_("Last hour"), timedelta(hours=1)),
    "24h": (_("Last 24 hours"), timedelta(days=1)),
    "7d": (_("Last 7 days"), timedelta(days=7)),
    "30d": (_("Last 30 days"), timedelta(days=30)),
    "90d": (_("Last 90 days"), timedelta(days=90)),
}
_WHEN = tuple((name, words) for name, (words, _length) in _RANGES.items())
_NO_OPERATORS = (
    ActorKind.COMMAND_LINE,
    ActorKind.SYSTEM,
    ActorKind.VISITOR,
    ActorKind.MAILBOX,
)

COLUMNS: tuple[Column[AuditEntry], ...] = (
    Column("at", lambda entry: entry.at),
    Column("actor_kind", lambda entry: entry.actor_kind),
    Column("actor", lambda entry: entry.actor),
    Column("client_address", lambda entry: entry.client_address),
    Column("action", lambda entry: entry.action),
    Column("object_kind", lambda entry: entry.object_kind),
    Column("object", lambda entry: entry.object_label),
    Column("before", lambda entry: _json(entry.before)),
    Column("after", lambda entry: _json(entry.after)),
)


def listing_for(query: Mapping[str, str]) -> Listing:
    """With the people who ever did something, and the one object that `query` asks for."""
    return Listing(
        page="senders:audit_log",
        export="senders:export_audit_log",
        sorts=(_NEWEST_FIRST,),
        choices=(
            Choice("who", _("Who"), _("Everybody"), _people()),
            Choice("action", _("Action"), _("All actions"), tuple(ACTIONS.items())),
            Choice("object", _("Object"), _("All objects"), _objects(query.get("object", ""))),
            Choice("when", _("Time"), _("All times"), _WHEN),
        ),
        days=FROM_TO,
    )


def fetch(asked: Asked, cursor: Cursor) -> Slice[AuditEntry]:
    """A search looks at a part of what the filters find: no index carries parts of names."""
    rows = _filtered(asked)
    if not asked.search:
        return Slice(list(cursor.cut(rows)))
    until = looked_at(rows, cursor, LOOKED_AT)
    if until is not None:
        rows = rows.filter(cursor.until(until))
    return Slice(list(cursor.cut(rows.matching(asked.search))), until)


def _filtered(asked: Asked) -> AuditEntryQuerySet:
    """All that the filters find."""
    rows: AuditEntryQuerySet = AuditEntry.objects.all()
    if who := asked.chosen["who"]:
        rows = rows.filter(actor_kind=who) if who in ActorKind.values else rows.by_operator(who)
    if action := asked.chosen["action"]:
        rows = rows.filter(action=action)
    if value := asked.chosen["object"]:
        kind, key = object_of(value)
        rows = rows.of_object(kind, key) if key else rows.filter(object_kind=kind)
    if when := asked.chosen["when"]:
        rows = rows.filter(at__gte=timezone.now() - _RANGES[when][1])
    return rows.filter(Span.of(asked.chosen).condition("at"))


def _people() -> tuple[tuple[str, Words], ...]:
    names = operators()
    return (
        *((name, name) for name in names),
        *((each.value, each.label) for each in _NO_OPERATORS),
    )


def _objects(asked: str) -> tuple[tuple[str, Words], ...]:
    """All kinds, and the object that is asked for."""
    kind, key = object_of(asked)
    one = AuditEntry.objects.of_object(kind, key).first() if key and "\0" not in asked else None
    return (*KINDS.items(), *([(asked, one.object_label)] if one else []))


def _json(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else ""
