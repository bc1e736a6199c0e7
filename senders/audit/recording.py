"""Writing into the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from senders.audit.acting import Actor, who_acts
from senders.audit.entry import MAX_LABEL_LENGTH, MAX_NAME_LENGTH, AuditEntry
from senders.audit.requests import actor_behind

NOT_SET, SET, CHANGED, REMOVED = "not set", "set", "changed", "removed"
_OF_A_SECRET = {"", NOT_SET, SET, CHANGED, REMOVED}
"""All that is ever said of one."""
_SECRET_WORDS = ("password", "secret", "token", "private_key", "hash")

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """The object of a change. `key` names it for good; empty: several, or none in particular."""

    kind: str
    key: str = ""
    label: str = ""
    path: str = ""


class SecretInAudit(ValueError):
    """A secret was about to be written down; say `SET`, `CHANGED` or `REMOVED` instead."""


def record(
    who: HttpRequest | Actor | None = None,
    *,
    action: str,
    on: Target,
    before: Values | None = None,
    after: Values | None = None,
) -> AuditEntry:
    """Writes an entry into the transaction that makes the change.

    `who`: None: whoever acts at present. Fields that are the same before and after are left out.
    Raises SecretInAudit.
    """
    who = who_acts() if who is None else who
    actor = who if isinstance(who, Actor) else actor_behind(who)
    old, new = _differing(before or {}, after or {})
    entry: AuditEntry = AuditEntry.objects.create(
        at=timezone.now(),
        actor_kind=actor.kind,
        actor=_storable(actor.name)[:MAX_NAME_LENGTH],
        client_address=actor.client_address,
        action=action,
        object_kind=on.kind,
        object_key=on.key,
        object_label=_storable(on.label)[:MAX_LABEL_LENGTH],
        object_path=on.path,
        before=old,
        after=new,
    )
    return entry


def _differing(before: Values, after: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    same = {name for name in before.keys() & after.keys() if before[name] == after[name]}
    return _kept(before, same), _kept(after, same)


def _kept(values: Values, same: set[str]) -> dict[str, Any]:
    for name, value in values.items():
        if any(word in name for word in _SECRET_WORDS) and value not in _OF_A_SECRET:
            raise SecretInAudit(f"The value of {name} does not belong into the audit log.")
    return {name: _storable(value) for name, value in values.items() if name not in same}


def _storable(value: Any) -> Any:
    """Without what PostgreSQL's text and JSON cannot hold."""
    return value.replace("\0", "") if isinstance(value, str) else value
