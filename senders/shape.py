"""How a sender address looks to scripts: the one JSON shape of the commands."""

from datetime import datetime

from senders.models import SenderAddress
from senders.reply_to import reply_to_state

Shape = dict[str, object]


def as_shape(sender: SenderAddress, now: datetime) -> Shape:
    """Facts in JSON's types; times are ISO 8601 in UTC, null where there is none."""
    reply_to = reply_to_state(sender, now)
    return {
        "address": sender.address,
        "mail_type": sender.mail_type,
        "reply_to": sender.reply_to_address or None,
        "reply_to_state": reply_to.state or None,
        "smtp": sender.smtp_enabled,
        "smtp_last_used_at": _iso(sender.smtp_last_used_at),
        "suspended": sender.suspended_at is not None,
        "created_at": _iso(sender.created_at),
    }


def as_line(sender: SenderAddress, now: datetime) -> str:
    """The same for people, on one line."""
    reply_to = reply_to_state(sender, now)
    replies = f"{reply_to.mailbox} ({reply_to.state})" if reply_to.state else "no reply-to"
    smtp = "suspended" if sender.suspended_at else ("on" if sender.smtp_enabled else "off")
    return f"{sender.display_address}  {sender.mail_type}  {replies}  SMTP {smtp}"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
