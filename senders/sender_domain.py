"""The table of sender domains. `models` hands it to Django."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from verification.mail_address import display

MAX_DOMAIN_LENGTH = 253
MAX_TOKEN_LENGTH = 64
GRACE = timedelta(hours=72)
"""How long a verified domain counts after its records were last found."""


class DomainState(models.TextChoices):
    """What the last check of a domain's DNS records has shown."""

    PENDING = "pending", _("Not verified yet")
    VERIFIED = "verified", _("Verified")
    FAILING = "failing", _("Failing")


class SenderDomainQuerySet(models.QuerySet["SenderDomain"]):
    """Filters on sender domains."""

    def ever_verified(self) -> "SenderDomainQuerySet":
        """Those that count, and those that did until they failed for too long."""
        return self.exclude(state=DomainState.PENDING)

    def due(self, now: datetime) -> "SenderDomainQuerySet":
        """Those to be looked at again."""
        return self.filter(next_check_at__lte=now)


class SenderDomain(models.Model):
    """A domain that the organisation shows to be its own, by records that it publishes in DNS."""

    domain = models.CharField(max_length=MAX_DOMAIN_LENGTH, unique=True)
    """In A-labels and lower case."""
    ownership_token = models.CharField(max_length=MAX_TOKEN_LENGTH)
    """Random; whoever can publish it decides about the domain's DNS."""
    state = models.CharField(max_length=10, choices=DomainState, default=DomainState.PENDING)
    return_path_host = models.CharField(max_length=MAX_DOMAIN_LENGTH)
    """Where reports about its mail come back to, in A-labels."""
    return_path_verified_at = models.DateTimeField(null=True)
    """Since when reports come back to that host, and mail that leaves with it as its return path
    passes DMARC; null: one of both does not hold."""
    findings = models.JSONField(default=dict)
    """What the last check found (`senders.domains.checking.Report`); empty: none was made yet."""
    created_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    """Since when it is verified without a break longer than the time of grace."""
    failing_since = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    check_requested_at = models.DateTimeField(null=True)
    """Somebody waits for a check since then; null: nobody."""
    next_check_at = models.DateTimeField()
    failed_checks = models.PositiveIntegerField(default=0)
    """In a row, since somebody last asked for a check."""

    objects: ClassVar = SenderDomainQuerySet.as_manager()

    class Meta:
        ordering = ["domain"]
        indexes = [models.Index(fields=["next_check_at"], name="sender_domain_next_check")]
        constraints = [
            models.CheckConstraint(
                condition=Q(domain=Lower(F("domain"))), name="sender_domain_lower_case"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DomainState.values), name="sender_domain_state"
            ),
            models.CheckConstraint(
                condition=Q(state=DomainState.PENDING) ^ Q(verified_at__isnull=False),
                name="sender_domain_verified_since",
            ),
            models.CheckConstraint(
                condition=Q(failing_since=None) ^ Q(state=DomainState.FAILING),
                name="sender_domain_failing_since",
            ),
        ]

    def __str__(self) -> str:
        return self.domain

    @property
    def display_domain(self) -> str:
        """For people: in U-labels."""
        return display(self.domain)

    @property
    def display_return_path_host(self) -> str:
        """For people: in U-labels."""
        return display(self.return_path_host)

    @property
    def stops_at(self) -> datetime | None:
        """When a failing one counts no more; None: it is not failing."""
        return self.failing_since + GRACE if self.failing_since else None

    def counts(self, now: datetime) -> bool:
        """Whether mail of this very domain leaves."""
        return self.state == DomainState.VERIFIED or (
            self.stops_at is not None and now < self.stops_at
        )
