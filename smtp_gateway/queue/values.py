"""What goes into the queue and comes out of it: frozen values, no model instances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from smtp_gateway.dsn import NO_MAIL_DSN, NO_RECIPIENT_DSN, MailDsn, RecipientDsn
from smtp_gateway.identity import MailType
from smtp_gateway.relay_transcripts.notes import Dialogue

ComposedOrigin = Literal["console", "system"]
OutcomeName = Literal["relayed", "deferred", "uncertain", "bounced", "expired"]
AGAIN = ("deferred", "uncertain")
"""Outcomes after which the delivery waits for another attempt."""

LOCAL_MAILBOX = "local mailbox"
"""The next hop of what the mailbox route keeps; no server is called so."""


@dataclass(frozen=True, slots=True)
class Client:
    """Where a submission came from."""

    ip: str | None = None
    name: str = ""
    """What the client called itself in EHLO."""
    tls: str = ""
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A complete mail with its envelope, ready to be made durable."""

    queue_id: str
    origin: Literal["smtp", "console", "system"]
    mail_type: MailType
    sender_address: str
    """The credential it was submitted with; empty for DirectMail's own mail."""
    mail_from: str
    recipients: Sequence[str]
    content: bytes
    """The bytes to relay, with every added header."""
    accepted_at: datetime
    expires_at: datetime
    message_id: str = ""
    subject: str = ""
    needs_smtputf8: bool = False
    is_8bit: bool = False
    client: Client = field(default_factory=Client)
    dsn: MailDsn = NO_MAIL_DSN
    recipient_dsn: Mapping[str, RecipientDsn] = field(default_factory=dict)
    """By recipient, where RCPT asked for something."""
    quota_lease: int = 0
    """The lease that its recipients count against; 0: none."""


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """One recipient that this relay has in hand, with what an attempt needs to know."""

    delivery_id: int
    message_id: int
    queue_id: str
    origin: str
    mail_type: str
    mail_from: str
    recipient: str
    header_message_id: str
    attempt_count: int
    """Attempts made before this one."""
    size_bytes: int
    needs_smtputf8: bool
    is_8bit: bool
    expires_at: datetime
    sender_address: str = ""
    """Empty for DirectMail's own mail."""
    reason_code: str = field(default="", compare=False)
    """Why it waited until now."""
    dsn: MailDsn = NO_MAIL_DSN
    recipient_dsn: RecipientDsn = NO_RECIPIENT_DSN


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt at one delivery ended."""

    delivery: LeasedDelivery
    name: OutcomeName
    at: datetime
    route: str
    next_hop: str = ""
    reply: str = ""
    reason_code: str = ""
    reason: str = ""
    category: str = ""
    """What kind of trouble it was, by the rules for replies."""
    fault: str = ""
    """Whose: recipient, content, us or network."""
    tls: str = ""
    tls_result: str = ""
    duration_ms: int = 0
    next_attempt_at: datetime | None = None
    """Set exactly when `name` is in AGAIN. By the clock of `at`: only how long after it is kept,
    as the database's clock says when a delivery is due."""
    keep_in_mailbox: bool = False
    """The mailbox route: the mail is kept in the transaction that records it as relayed."""
    is_dsn_passed_on: bool = False
    """The next hop offered DSN (RFC 3461) and took the mail: reports of success are its duty."""
    dialogue: Dialogue | None = None
    """What was said; the same value for all recipients of a transaction."""
