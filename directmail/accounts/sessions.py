"""The sessions of an operator: which there are, and their end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction

from directmail.accounts.devices import Device, device
from directmail.models import Operator
from senders.audit.recording import Target, record


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is logged in."""

    pk: int
    device: Device
    ip: str
    begun_at: datetime
    seen_at: datetime
    is_this_one: bool


def sessions_of(operator: Operator, *, present_key: str | None) -> list[Session]:
    """Those that still count, this one first, then the most recently used."""
    rows = [_session(row, present_key) for row in UserSession.objects.purge_and_list(operator)]
    return sorted(rows, key=lambda row: (not row.is_this_one, -row.seen_at.timestamp()))


def end_other_sessions(
    operator: Operator, *, present_key: str | None, only: int | None = None
) -> int:
    """How many there were: all, or the one of this key. The present one ends by logging out."""
    rows = UserSession.objects.filter(user=operator).exclude(session_key=present_key or "")
    ended = list(rows if only is None else rows.filter(pk=only))
    _end(operator, ended)
    return len(ended)


@transaction.atomic
def _end(operator: Operator, rows: Sequence[UserSession]) -> None:
    for row in rows:
        row.end()
        record(
            action="operator.session_ended",
            on=Target("operator", str(operator.pk), operator.email),
            before={"address": row.ip, "device": row.user_agent},
        )


def _session(row: UserSession, present_key: str | None) -> Session:
    return Session(
        pk=row.pk,
        device=device(row.user_agent),
        ip=row.ip,
        begun_at=row.created_at,
        seen_at=row.last_seen_at,
        is_this_one=row.session_key == present_key,
    )
