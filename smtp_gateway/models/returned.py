"""Mail that came back to a return path of ours, and what it turned out to say."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _


class ReturnKind(models.TextChoices):
    """What a mail that came back says."""

    FAILED = "failed", _("Bounce")
    DELAYED = "delayed", _("Delay notice")
    DELIVERED = "delivered", _("Delivery receipt")
    COMPLAINT = "complaint", _("Complaint")
    OPT_OUT = "opt-out", _("Opt-out")
    AUTO_REPLY = "auto-reply", _("Automatic reply")
    CHALLENGE = "challenge", _("Challenge")
    FEEDBACK = "feedback", _("Other feedback")
    POSTMASTER = "postmaster", _("To the postmaster")
    NOT_UNDERSTOOD = "not-understood", _("Not understood")


class ReturnedMail(models.Model):
    """One such mail. It is durable before its server hears 250, and read later, once."""

    received_at = models.DateTimeField()
    raw = models.BinaryField(null=True)
    """The very bytes; None: forgotten."""
    size_bytes = models.PositiveIntegerField()
    mail_from = models.CharField(max_length=320, blank=True)
    to_address = models.CharField(max_length=320)
    client_ip = models.GenericIPAddressField(null=True)
    session_id = models.CharField(max_length=20, blank=True)
    delivery_id = models.BigIntegerField(null=True)
    """By the token of its return path, or by one that stands in a complaint. No foreign key: it
    may outlive the mail."""

    processed_at = models.DateTimeField(null=True)
    """The rest is known since then."""
    fault_count = models.PositiveSmallIntegerField(db_default=0)
    """How often reading it failed in a way nobody foresaw."""
    kind = models.CharField(max_length=20, choices=ReturnKind, blank=True, db_default="")
    is_repeat = models.BooleanField(db_default=False)
    """Its like came before, about the same delivery: it counts for nothing."""
    is_counted = models.BooleanField(db_default=False)
    """As a hard bounce, which is the recipient's fault, or as a complaint."""
    queue_id = models.CharField(max_length=16, blank=True, db_default="")
    """Of the mail that it is about; empty: that is not known, or not kept any more."""
    sender_address = models.CharField(max_length=192, blank=True, db_default="")
    mail_type = models.CharField(max_length=10, blank=True, db_default="")
    recipient = models.CharField(max_length=320, blank=True, db_default="")
    """To whom that mail went."""

    subject = models.TextField(blank=True, db_default="")
    from_header = models.TextField(blank=True, db_default="")
    read_by = models.CharField(max_length=40, blank=True, db_default="")
    """The form it has: a standard's, or the name of a rule."""
    reporting_host = models.CharField(max_length=255, blank=True, db_default="")
    status = models.CharField(max_length=15, blank=True, db_default="")
    """RFC 3463, as in 5.1.1."""
    diagnostic = models.TextField(blank=True, db_default="")
    """Its own words on why."""
    category = models.CharField(max_length=40, blank=True, db_default="")
    fault = models.CharField(max_length=10, blank=True, db_default="")
    """As of attempts: by the rules for replies."""
    feedback_type = models.CharField(max_length=20, blank=True, db_default="")
    """Of a complaint, RFC 5965."""

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(processed_at=None), name="returned_due"),
            models.Index(fields=["delivery_id", "id"], name="returned_of_delivery"),
            models.Index(fields=["kind", "id"], name="returned_by_kind"),
            models.Index(
                fields=["sender_address", "received_at"],
                condition=Q(is_counted=True),
                name="returned_counted",
            ),
            models.Index(
                fields=["sender_address", "id"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="returned_by_sender",
            ),
            models.Index(
                OpClass(Upper("recipient"), name="text_pattern_ops"),
                "id",
                name="returned_by_recipient",
            ),
        ]

    def __str__(self) -> str:
        return f"returned {self.pk} ({self.kind or 'not read yet'})"
