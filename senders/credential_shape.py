"""How an SMTP credential looks to scripts: the one JSON shape of the commands. Never its hash."""

from datetime import datetime

from senders.models import SmtpCredential

Shape = dict[str, object]


def as_shape(credential: SmtpCredential, now: datetime) -> Shape:
    """Facts in JSON's types; times are ISO 8601 in UTC, null where there is none."""
    return {
        "id": credential.pk,
        "address": credential.sender.address,
        "name": credential.name,
        "state": credential.state(now).value,
        "is_smtp_password": credential.is_main,
        "created_at": _iso(credential.created_at),
        "created_by": credential.created_by or None,
        "last_used_at": _iso(credential.last_used_at),
        "last_used_from": credential.last_used_from,
        "last_refused_at": _iso(credential.last_refused_at),
        "last_refused_from": credential.last_refused_from,
        "expires_at": _iso(credential.expires_at),
        "ended_at": _iso(credential.ended_at),
    }


def as_line(credential: SmtpCredential, now: datetime) -> str:
    """The same for people, on one line."""
    used = _iso(credential.last_used_at) or "never"
    source = f" from {credential.last_used_from}" if credential.last_used_from else ""
    state = credential.state(now).value
    return f"{credential.sender.address}  {credential.name}  {state}  last used {used}{source}"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
