"""How a DKIM key looks to scripts: the one JSON shape of the commands. Never the private key."""

from datetime import datetime

from senders.dkim_key import DkimKey
from senders.dkim_services import can_sign

Shape = dict[str, object]


def as_shape(key: DkimKey) -> Shape:
    """Facts in JSON's types; times are ISO 8601 in UTC, null where there is none."""
    return {
        "domain": key.domain,
        "selector": key.selector,
        "algorithm": key.algorithm,
        "state": key.state.value,
        "can_sign": can_sign(key),
        "record_name": key.record.name,
        "record_value": key.record.value,
        "record_strings": key.record.strings,
        "created_at": key.created_at.isoformat(),
        "activated_at": _iso(key.activated_at),
        "retired_at": _iso(key.retired_at),
    }


def as_line(key: DkimKey) -> str:
    """The same for people, on one line."""
    trouble = "" if can_sign(key) else "  cannot be opened with SECRET_KEY"
    return f"{key.display_domain}  {key.selector}  {key.algorithm}  {key.state.label}{trouble}"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
