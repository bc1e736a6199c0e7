"""One row per mailbox that somebody wants proven, for one purpose."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

LINK_LIFETIME = timedelta(minutes=10)
COOL_DOWN = timedelta(minutes=10)


class State(models.TextChoices):
    """What a page shows of a verification."""

    UNVERIFIED = "unverified", _("Not verified")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Mail sent")
    NOT_SENT = "not_sent", _("Could not be sent")
    EXPIRED = "expired", _("Expired")
    VERIFIED = "verified", _("Verified")


class MailState(models.TextChoices):
    """How far the newest link's mail came."""

    NONE = "", _("Not queued yet")
    QUEUED = "queued", _("Queued")
    DEFERRED = "deferred", _("Waiting for another attempt")
    RELAYED = "relayed", _("Relayed")
    FAILED = "failed", _("Given up")


class VerificationQuerySet(models.QuerySet["Verification"]):
    """Filters on verifications; `now` always comes from the caller."""

    def requestable(self, now: datetime) -> "VerificationQuerySet":
        """Those whose last request is at least the cool-down ago."""
        return self.filter(Q(requested_at=None) | Q(requested_at__lte=now - COOL_DOWN))

    def open(self, now: datetime) -> "VerificationQuerySet":
        """Those with a link that can still be confirmed."""
        return self.filter(confirmed_at=None, requested_at__gt=now - LINK_LIFETIME).exclude(
            link_id=""
        )

    def waiting_for_mail(self, now: datetime) -> "VerificationQuerySet":
        """Those whose mail has not been handed to the queue."""
        return self.open(now).filter(mail_state=MailState.NONE)


class Verification(models.Model):
    """Proof, or the wish for one, that somebody reads `mailbox` and agrees to `subject`.

    `link_id` names the newest link; an older one is superseded. Clearing it ends every link.
    """

    mailbox = models.EmailField(max_length=254)
    subject = models.CharField(max_length=192)
    link_id = models.CharField(max_length=32, blank=True, default="")
    requested_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    requested_by = models.CharField(max_length=254, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    """Of whoever asked: a code of settings.LANGUAGES; empty: the installation's."""
    mail_message_id = models.CharField(max_length=200, blank=True, default="", db_index=True)
    mail_state = models.CharField(
        max_length=10, choices=MailState, blank=True, default=MailState.NONE
    )
    mail_problem = models.TextField(blank=True, default="")

    objects = VerificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "mailbox"], name="verification_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(confirmed_at__gte=F("requested_at")),
                name="verification_confirmed_after_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mailbox} for {self.subject}"

    @property
    def is_proven(self) -> bool:
        return self.confirmed_at is not None

    @property
    def valid_until(self) -> datetime | None:
        """When the newest link ends to be valid."""
        return self.requested_at and self.requested_at + LINK_LIFETIME

    def next_request_at(self, now: datetime) -> datetime | None:
        """When the mail can be asked for again; None: at once."""
        if self.requested_at is None or self.requested_at + COOL_DOWN <= now:
            return None
        return self.requested_at + COOL_DOWN

    def state(self, now: datetime) -> State:
        if self.is_proven:
            return State.VERIFIED
        if not self.link_id or self.requested_at is None:
            return State.UNVERIFIED
        if self.mail_state == MailState.FAILED:
            return State.NOT_SENT
        if self.requested_at + LINK_LIFETIME <= now:
            return State.EXPIRED
        return State.SENT if self.mail_state == MailState.RELAYED else State.SENDING
