"""What a report to a sender is made of: frozen values. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from smtp_gateway.dsn import MailDsn
from smtp_gateway.queue.due_report import Kind


@dataclass(frozen=True, slots=True)
class LastAttempt:
    """The last try before the report; without one all is empty."""

    at: datetime | None = None
    next_hop: str = ""
    """Host and port; empty where the mail was kept here."""
    reply: str = ""
    category: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell about one recipient."""

    report_id: int
    kind: Kind
    recipient: str
    orcpt: str
    """ORCPT as RCPT gave it, in xtext; empty: not given."""
    is_over: bool
    """The delivery has ended by now."""
    reason_code: str = ""
    reason: str = ""
    last: LastAttempt = LastAttempt()

    @property
    def is_current(self) -> bool:
        """A warning of a delay means nothing once the mail has left, or is given up."""
        return not (self.kind == "delayed" and self.is_over)


@dataclass(frozen=True, slots=True)
class ReportedMail:
    """A mail of which its sender is to hear something."""

    message_id: int
    queue_id: str
    sender_address: str
    mail_from: str
    header_message_id: str
    subject: str
    accepted_at: datetime
    expires_at: datetime
    needs_smtputf8: bool
    dsn: MailDsn
    content: bytes
    """Its bytes, or their beginning with all headers; empty: they are not kept any more."""
    is_whole: bool
    """`content` is everything, as the sender wants it."""
    notices: Sequence[Notice] = ()
