"""The SMTP credentials of one address as its page shows them: in which order, and how they look."""

from dataclasses import dataclass
from datetime import datetime

from senders.models import SenderAddress, SmtpCredential
from senders.smtp_credential import MAX_LIVING, CredentialState

_LOOKS = {
    CredentialState.IN_USE: ("ok", "circle-check"),
    CredentialState.NEVER_USED: ("info", "circle-dashed"),
    CredentialState.EXPIRES_SOON: ("wait", "clock-alert"),
    CredentialState.EXPIRED: ("muted", "clock-alert"),
    CredentialState.REVOKED: ("muted", "ban"),
}


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """One of them: its state, and how that looks."""

    credential: SmtpCredential
    state: CredentialState
    kind: str
    icon: str

    @property
    def ended_at(self) -> datetime | None:
        """When it ended, by whatever came first; None: it lets an application in."""
        credential = self.credential
        if self.state is CredentialState.EXPIRED:
            return credential.expires_at
        return credential.ended_at

    @property
    def was_tried_after_its_end(self) -> bool:
        return self.ended_at is not None and self.credential.last_refused_at is not None


@dataclass(frozen=True, slots=True)
class CredentialList:
    """Those that work, the SMTP password first, and those that ended, the last to end first."""

    living: list[CredentialRow]
    ended: list[CredentialRow]

    @property
    def is_full(self) -> bool:
        return len(self.living) >= MAX_LIVING

    @property
    def still_tried(self) -> list[CredentialRow]:
        """Ended ones that an application goes on trying."""
        return [row for row in self.ended if row.was_tried_after_its_end]


def credential_list(sender: SenderAddress, now: datetime) -> CredentialList:
    """By one query."""
    # Not by `sender.credentials`, which a list may have cut down to the living.
    rows = [_row(each, now) for each in SmtpCredential.objects.filter(sender=sender)]
    living = [row for row in rows if row.credential.is_living(now)]
    ended = [row for row in rows if not row.credential.is_living(now)]
    return CredentialList(living, sorted(ended, key=lambda row: row.ended_at or now, reverse=True))


def _row(credential: SmtpCredential, now: datetime) -> CredentialRow:
    state = credential.state(now)
    return CredentialRow(credential, state, *_LOOKS[state])
