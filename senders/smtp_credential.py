"""The table of SMTP credentials: the passwords of a sender address. `models` hands it to Django."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

MAX_LIVING = 10
"""Passwords of one address that work at the same time."""
MAIN_SLOT = 1
"""The place of "the SMTP password", which Set SMTP Password replaces."""
MAX_NAME_LENGTH = 60
EXPIRES_SOON = timedelta(days=7)


class CredentialState(models.TextChoices):
    """Where a credential is in its life; the first three let an application in."""

    IN_USE = "in-use", _("In use")
    NEVER_USED = "never-used", _("Never used")
    EXPIRES_SOON = "expires-soon", _("Expires soon")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class SmtpCredentialQuerySet(models.QuerySet["SmtpCredential"]):
    """Filters on SMTP credentials."""

    def living(self, now: datetime) -> "SmtpCredentialQuerySet":
        """Those that let an application in."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), ended_at=None)

    def run_out(self, now: datetime) -> "SmtpCredentialQuerySet":
        """Those that expired and hold their slot and their name yet."""
        return self.filter(ended_at=None, expires_at__lte=now)

    def ended(self) -> "SmtpCredentialQuerySet":
        """Those that are done with, the last to end first."""
        return self.exclude(ended_at=None).order_by("-ended_at", "-id")


class SmtpCredential(models.Model):
    """One SMTP password of a sender address, by its hash.

    All hashes of an address have one salt, so that the gateway compares a password with all of
    them by one computation (decision 24). `slot` bounds how many live: it is given back at the end.
    """

    sender = models.ForeignKey(
        "senders.SenderAddress", on_delete=models.CASCADE, related_name="credentials"
    )
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    slot = models.PositiveSmallIntegerField(null=True)
    password_hash = models.CharField(max_length=255)
    created_at = models.DateTimeField(null=True)
    """Unknown for those from before there were several."""
    created_by = models.CharField(max_length=254, blank=True, default="")
    """The operator, or the system's user at the command line; empty: not known."""
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.GenericIPAddressField(null=True)
    last_refused_at = models.DateTimeField(null=True)
    """When its password was last tried after its end."""
    last_refused_from = models.GenericIPAddressField(null=True)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When it was revoked; of an expired one that gave its slot back, when it expired."""

    objects: ClassVar = SmtpCredentialQuerySet.as_manager()

    class Meta:
        ordering = ["slot", "-ended_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["sender", "slot"], name="smtp_credential_slot"),
            models.UniqueConstraint(
                F("sender"), Lower("name"), condition=Q(ended_at=None), name="smtp_credential_name"
            ),
            models.CheckConstraint(
                condition=Q(slot=None) | Q(slot__range=(MAIN_SLOT, MAX_LIVING)),
                name="smtp_credential_at_most_ten",
            ),
            models.CheckConstraint(
                condition=Q(slot=None) ^ Q(ended_at=None), name="smtp_credential_ended_has_no_slot"
            ),
            models.CheckConstraint(
                condition=~Q(password_hash=""), name="smtp_credential_has_a_hash"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_main(self) -> bool:
        """Whether it is "the SMTP password" of its address."""
        return self.slot == MAIN_SLOT

    def is_living(self, now: datetime) -> bool:
        """Whether it lets an application in."""
        return self.ended_at is None and (self.expires_at is None or self.expires_at > now)

    def state(self, now: datetime) -> CredentialState:
        if self.expires_at is not None and self.expires_at <= (self.ended_at or now):
            return CredentialState.EXPIRED
        if self.ended_at is not None:
            return CredentialState.REVOKED
        if self.expires_at is not None and self.expires_at - now <= EXPIRES_SOON:
            return CredentialState.EXPIRES_SOON
        return CredentialState.IN_USE if self.last_used_at else CredentialState.NEVER_USED
