"""What the mail log is told about a mail that the policy refused: a value, no table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """One mail that was not accepted, and the policy's word on it."""

    at: datetime
    sender_address: str
    """The credential."""
    mail_from: str
    recipients: Sequence[str]
    code: str
    """Stable, as in `from-not-sender`."""
    reply: str
    """What the client was told."""
    client_ip: str
    session_id: str


def forget(refused: Refused) -> None:
    """For who keeps no log."""
