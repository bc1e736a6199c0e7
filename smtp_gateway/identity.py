"""Who submits mail: a frozen value, so that no model instance enters a coroutine."""

from dataclasses import dataclass
from typing import Literal

MailType = Literal["trigger", "batch"]


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender address as the gateway sees it."""

    address: str
    mail_type: MailType
    password_hash: str
    """argon2id in PHC string format; empty: SMTP is off."""
    is_suspended: bool

    @property
    def may_submit(self) -> bool:
        """Whether any log-in as this address can succeed."""
        return bool(self.password_hash) and not self.is_suspended
