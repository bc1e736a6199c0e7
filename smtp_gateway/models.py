"""The queue and its history: messages, their bytes, one delivery per recipient, every attempt.

No foreign key leaves this file: mail outlives the sender address that submitted it.
"""

from django.contrib.postgres.indexes import BrinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from smtp_gateway import reasons
from smtp_gateway.session_model import SmtpSession as SmtpSession


class Origin(models.TextChoices):
    """How a mail came in."""

    SMTP = "smtp", "SMTP"
    CONSOLE = "console", "Console"
    SYSTEM = "system", "DirectMail itself"


class Message(models.Model):
    """An accepted mail: envelope, origin and what the mail log shows of it."""

    queue_id = models.CharField(max_length=16)
    origin = models.CharField(max_length=10, choices=Origin)
    mail_type = models.CharField(max_length=10)
    sender_address = models.CharField(max_length=192, blank=True)
    mail_from = models.CharField(max_length=320, blank=True)
    message_id = models.TextField(blank=True)
    subject = models.TextField(blank=True)
    size_bytes = models.PositiveIntegerField()
    accepted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    needs_smtputf8 = models.BooleanField(default=False)
    is_8bit = models.BooleanField(default=False)
    client_ip = models.GenericIPAddressField(null=True)
    client_name = models.CharField(max_length=255, blank=True)
    tls = models.CharField(max_length=100, blank=True)
    session_id = models.CharField(max_length=20, blank=True)
    # RFC 3461, as they go on to a next hop. In the database's own default, so that a gateway that
    # still runs the version before can insert.
    dsn_ret = models.CharField(max_length=4, blank=True, db_default="")
    dsn_envid = models.CharField(max_length=100, blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["message_id"], name="message_by_message_id"),
            # Rows lie in the order of their acceptance, all but: a summary of each block will do.
            BrinIndex(fields=["accepted_at"], name="message_by_time"),
            # Pattern operators: the mail log finds an address by how it begins.
            models.Index(
                fields=["sender_address", "id"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="message_by_sender",
            ),
        ]
        constraints = [
            # One index for the whole id and for how it begins.
            models.UniqueConstraint(
                fields=["queue_id"], opclasses=["varchar_pattern_ops"], name="message_by_queue_id"
            ),
        ]

    def __str__(self) -> str:
        return self.queue_id


class MessageContent(models.Model):
    """The bytes that are relayed, apart from the hot rows."""

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True, related_name="content"
    )
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"content of message {self.message_id}"


class DeliveryState(models.TextChoices):
    """Where a delivery stands. Deferred is `queued` with a reason."""

    QUEUED = "queued", "Queued"
    LEASED = "leased", "Being relayed"
    RELAYED = "relayed", "Relayed"
    BOUNCED = "bounced", "Bounced"
    EXPIRED = "expired", "Expired"


class ShownState(models.TextChoices):
    """The words of the console for where a delivery stands."""

    QUEUED = "queued", "Queued"
    DEFERRED = "deferred", "Deferred"
    LEASED = "leased", "Being relayed"
    RELAYED = "relayed", "Relayed"
    KEPT = "kept", "Kept here"
    BOUNCED = "bounced", "Bounced"
    EXPIRED = "expired", "Expired"


class Delivery(models.Model):
    """One recipient of a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.CharField(max_length=320)
    lane = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    next_attempt_at = models.DateTimeField()
    attempt_count = models.PositiveIntegerField(default=0)
    leased_by = models.BigIntegerField(null=True)
    reason_code = models.CharField(max_length=40, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    finished_at = models.DateTimeField(null=True)
    dsn_notify = models.CharField(max_length=30, blank=True, db_default="")
    dsn_orcpt = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        # Every delivery is inserted, leased and finished: what an index costs, it costs each time.
        indexes = [
            models.Index(
                fields=["lane", "next_attempt_at"],
                condition=Q(state="queued"),
                name="delivery_due",
            ),
            models.Index(fields=["leased_by"], condition=Q(state="leased"), name="delivery_leased"),
            models.Index(
                fields=["state", "id"],
                condition=Q(finished_at__isnull=False),
                name="delivery_finished",
            ),
            models.Index(
                fields=["id"], condition=Q(reason_code__in=reasons.KEPT), name="delivery_kept"
            ),
            models.Index(
                fields=["id"],
                condition=Q(state="queued", attempt_count__gt=0),
                name="delivery_deferred",
            ),
            BrinIndex(fields=["finished_at"], name="delivery_by_finish"),
            # Recipients keep their case; the mail log finds them in any case, by how they begin.
            models.Index(
                OpClass(Upper("recipient"), name="text_pattern_ops"),
                "id",
                name="delivery_by_recipient",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="delivery_state"
            ),
            models.CheckConstraint(
                condition=Q(state="leased", leased_by__isnull=False)
                | (~Q(state="leased") & Q(leased_by__isnull=True)),
                name="delivery_leased_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "leased"], finished_at=None)
                | (~Q(state__in=["queued", "leased"]) & Q(finished_at__isnull=False)),
                name="delivery_finished_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} ({self.state})"

    @property
    def is_deferred(self) -> bool:
        return self.state == DeliveryState.QUEUED and self.attempt_count > 0

    @property
    def is_open(self) -> bool:
        """Whether it can still go either way."""
        return self.finished_at is None

    @property
    def shown_state(self) -> ShownState:
        if self.is_deferred:
            return ShownState.DEFERRED
        is_kept = self.state == DeliveryState.RELAYED and self.reason_code in reasons.KEPT
        return ShownState.KEPT if is_kept else ShownState(self.state)


class AttemptOutcome(models.TextChoices):
    """How one attempt ended."""

    RELAYED = "relayed", "Relayed"
    DEFERRED = "deferred", "Deferred"
    BOUNCED = "bounced", "Bounced"
    EXPIRED = "expired", "Expired"
    # The relay died with the delivery in hand: the next hop may have taken it.
    UNCERTAIN = "uncertain", "Uncertain"


class Attempt(models.Model):
    """One try to relay a delivery, with the next hop's very words."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=AttemptOutcome)
    route = models.CharField(max_length=20, blank=True)
    next_hop = models.CharField(max_length=270, blank=True)
    reply = models.TextField(blank=True)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    tls = models.CharField(max_length=100, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=AttemptOutcome.values), name="attempt_outcome"
            ),
        ]
        indexes = [
            models.Index(
                fields=["at"], condition=Q(outcome="deferred"), name="attempt_deferred_by_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def shown_outcome(self) -> str:
        """The outcome in the console's words: what the mailbox route took has not left."""
        is_kept = self.outcome == AttemptOutcome.RELAYED and self.reason_code in reasons.KEPT
        return ShownState.KEPT if is_kept else self.outcome


class RefusedMail(models.Model):
    """A mail that the policy refused at the door, as the mail log shows it; the newest only."""

    at = models.DateTimeField()
    sender_address = models.CharField(max_length=192)
    mail_from = models.CharField(max_length=320, blank=True)
    recipients = models.TextField(blank=True)
    """The first of them, one a line."""
    recipient_count = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    reply = models.TextField()
    client_ip = models.GenericIPAddressField()
    session_id = models.CharField(max_length=20)

    class Meta:
        indexes = [
            models.Index(
                fields=["sender_address", "id"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="refused_by_sender",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.sender_address}"

    @property
    def recipient_list(self) -> list[str]:
        return self.recipients.splitlines()

    @property
    def unnamed_count(self) -> int:
        """Recipients beyond those that are kept."""
        return self.recipient_count - len(self.recipient_list)


class RelayProcess(models.Model):
    """A running relay; leases of one whose heartbeat stopped are freed."""

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"relay {self.pk} ({self.host}:{self.pid})"


class CaughtMail(models.Model):
    """A mail that the `mailbox` route keeps in the local mailbox."""

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True, related_name="caught"
    )
    caught_at = models.DateTimeField()
    recipients = models.TextField()
    """Envelope recipients, one a line."""

    def __str__(self) -> str:
        return f"caught {self.message_id}"

    @property
    def recipient_list(self) -> list[str]:
        return self.recipients.splitlines()
