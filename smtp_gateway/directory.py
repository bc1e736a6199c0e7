"""The one reader of `senders` in the mail path; everything here blocks and runs on the bridge."""

from datetime import datetime
from typing import cast

from senders import services, smtp_password
from senders.models import SenderAddress
from smtp_gateway.identity import MailType, Sender


def find_sender(address: str) -> Sender | None:
    """The sender address `address`, which is in its stored form."""
    row = (
        SenderAddress.objects.filter(address=address)
        .values_list("address", "mail_type", "smtp_password_hash", "suspended_at")
        .first()
    )
    if row is None:
        return None
    address, mail_type, password_hash, suspended_at = row
    return Sender(address, cast("MailType", mail_type), password_hash, suspended_at is not None)


def record_use(used: dict[str, datetime]) -> None:
    """Notes when each address last submitted."""
    services.record_smtp_use(used)


def decoy_hash() -> str:
    """A hash with today's parameters that nobody's password matches.

    Verified for user names that don't exist, so that time doesn't tell who does.
    """
    return smtp_password.hash_password(smtp_password.generate())
