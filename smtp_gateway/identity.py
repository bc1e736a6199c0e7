"""Who submits mail: frozen values, so that no model instance enters a coroutine."""

from dataclasses import dataclass, field
from typing import Literal

from smtp_gateway.mail_policy import MailPolicy

MailType = Literal["trigger", "batch"]
CredentialEnd = Literal["", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class Credential:
    """One SMTP password of a sender address. `end`: why it lets nobody in; empty: it does."""

    id: int
    name: str
    password_hash: str
    """argon2id in PHC string format."""
    end: CredentialEnd = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender address as the gateway sees it."""

    address: str
    mail_type: MailType
    is_suspended: bool
    credentials: tuple[Credential, ...] = ()
    """Those that let an application in, the last used first; none: SMTP is off."""
    ended: tuple[Credential, ...] = ()
    """Some that did so once, the last to end first: who still uses one can be told."""
    policy: MailPolicy = field(default_factory=MailPolicy)

    @property
    def may_submit(self) -> bool:
        """Whether any log-in as this address can succeed."""
        return bool(self.credentials) and not self.is_suspended

    def still_accepts(self, credential: Credential) -> bool:
        """Whether who logged in with `credential` earlier could do so now."""
        if self.is_suspended:
            return False
        return any(
            each.id == credential.id and each.password_hash == credential.password_hash
            for each in self.credentials
        )
