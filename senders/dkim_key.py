"""The table of DKIM keys. `models` hands it to Django."""

from collections.abc import Collection
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from senders.dkim_record import TxtRecord, dkim_record
from verification.mail_address import display

# What a name in DNS may have (RFC 1035 section 2.3.4).
MAX_DOMAIN_LENGTH, MAX_SELECTOR_LENGTH = 253, 63


class Algorithm(models.TextChoices):
    """How a key signs: the words of the signature's `a=`."""

    RSA = "rsa-sha256", _("RSA, 2048 bits")
    ED25519 = "ed25519-sha256", "Ed25519"


class KeyState(models.TextChoices):
    """Where a key is in its life; only an active one signs."""

    NEW = "new", _("Not active yet")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")


_IS_ACTIVE = Q(activated_at__isnull=False, retired_at=None)


class DkimKeyQuerySet(models.QuerySet["DkimKey"]):
    """Filters on DKIM keys."""

    def present(self) -> "DkimKeyQuerySet":
        """All but the deleted ones."""
        return self.filter(deleted_at=None)

    def active(self) -> "DkimKeyQuerySet":
        """Those that sign: one of each algorithm at most for a domain."""
        return self.filter(_IS_ACTIVE)

    def of_domains(self, domains: Collection[str]) -> "DkimKeyQuerySet":
        return self.filter(domain__in=domains)


class DkimKey(models.Model):
    """A key pair of a sender domain, under the selector that its DNS record stands at.

    A deleted one has lost its private key for good; its row keeps the selector from being given to
    another key while the old record may still be in DNS.
    """

    domain = models.CharField(max_length=MAX_DOMAIN_LENGTH)
    """In A-labels and lower case."""
    selector = models.CharField(max_length=MAX_SELECTOR_LENGTH)
    algorithm = models.CharField(max_length=20, choices=Algorithm)
    sealed_private_key = models.TextField(blank=True)
    """PKCS #8 in DER, sealed (`senders.sealing`); empty: deleted."""
    public_key = models.TextField()
    """As it stands in the record's `p=`."""
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar = DkimKeyQuerySet.as_manager()

    class Meta:
        ordering = ["domain", "-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["domain", "selector"], name="dkim_key_selector"),
            models.UniqueConstraint(
                fields=["domain", "algorithm"], condition=_IS_ACTIVE, name="dkim_key_one_active"
            ),
            models.CheckConstraint(
                condition=Q(domain=Lower(F("domain"))), name="dkim_key_domain_lower_case"
            ),
            models.CheckConstraint(
                condition=Q(algorithm__in=Algorithm.values), name="dkim_key_algorithm"
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None) | Q(activated_at__isnull=False),
                name="dkim_key_retired_was_active",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) ^ Q(sealed_private_key=""),
                name="dkim_key_deleted_has_no_private_key",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | ~_IS_ACTIVE, name="dkim_key_deleted_is_not_active"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def display_domain(self) -> str:
        """For people: in U-labels."""
        return display(self.domain)

    @property
    def state(self) -> KeyState:
        if self.activated_at is None:
            return KeyState.NEW
        return KeyState.ACTIVE if self.retired_at is None else KeyState.RETIRED

    @property
    def record(self) -> TxtRecord:
        """What the operator publishes."""
        key_type = self.algorithm.removesuffix("-sha256")
        return dkim_record(
            domain=self.domain,
            selector=self.selector,
            key_type=key_type,
            public_key=self.public_key,
        )
