"""Sender addresses: who may send, of which mail type, and with what proof."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from senders.audit.entry import AuditEntry as AuditEntry
from senders.dkim_key import DkimKey as DkimKey
from senders.former_return_host import FormerReturnHost as FormerReturnHost
from senders.policies.table import MailTypePolicy as MailTypePolicy
from senders.sender_domain import SenderDomain as SenderDomain
from senders.smtp_credential import SmtpCredential as SmtpCredential
from senders.smtp_state import SmtpState
from senders.standing_rows import Standing as Standing
from senders.standing_rows import StandingChange as StandingChange
from senders.standing_rows import StandingLevel as StandingLevel
from senders.standing_rows import WarmUpDay as WarmUpDay
from senders.suppression import SoftBounce as SoftBounce
from senders.suppression import Suppression as Suppression
from senders.suppression_import import SuppressionImport as SuppressionImport
from verification.mail_address import display
from verification.models import State, Verification

MAX_ADDRESS_LENGTH = 192


class MailType(models.TextChoices):
    """What an address sends. Different types have different policies; it never changes."""

    TRIGGER = "trigger", _("Trigger Mail")
    BATCH = "batch", _("Batch Mail")


class ReplyToOnSmtp(models.TextChoices):
    """What becomes of the Reply-To of mail that applications submit."""

    ORIGINAL = "original", _("As the application has it")
    ADD = "add", _("Added where the mail has none")
    REQUIRE = "require", _("The verified one or none")


class SenderAddressQuerySet(models.QuerySet["SenderAddress"]):
    """Filters on sender addresses."""

    def matching(self, text: str) -> "SenderAddressQuerySet":
        """Those whose address or reply-to contains `text`, as stored or as people read it."""
        stored = Q(address__icontains=text) | Q(reply_to_address__icontains=text)
        if text.isascii():
            return self.filter(stored)
        # A part of a U-label has no A-label of its own; addresses that have any are few.
        shown = [
            pk
            for pk, *addresses in self.filter(
                Q(address__contains="xn--") | Q(reply_to_address__contains="xn--")
            ).values_list("pk", "address", "reply_to_address")
            if text.lower() in " ".join(map(display, addresses))
        ]
        return self.filter(pk__in=shown)

    def of_type(self, mail_type: str) -> "SenderAddressQuerySet":
        return self.filter(mail_type=mail_type)

    def with_smtp(self, now: datetime) -> "SenderAddressQuerySet":
        """Those that an application can log in as, unless they are suspended."""
        living = SmtpCredential.objects.living(now).filter(sender=OuterRef("pk"))
        return self.filter(Exists(living))

    def with_living_credentials(self) -> "SenderAddressQuerySet":
        """Their credentials, but for the ended ones, by one query for all: for lists."""
        living = SmtpCredential.objects.filter(ended_at=None)
        return self.prefetch_related(Prefetch("credentials", living))

    def locked(self, sender: "SenderAddress") -> "SenderAddress":
        """`sender` as it is now, until the end of the transaction."""
        # The sender's row first, then its verification's or its credentials': so no deadlock.
        return self.select_for_update(of=("self",)).get(pk=sender.pk)


class SenderAddress(models.Model):
    """An identity that applications send as.

    Without a living SMTP credential, SMTP is off. `reply_to_verification` proves
    `reply_to_address`; both change together (`senders.services.change_reply_to`).
    """

    address = models.CharField(max_length=MAX_ADDRESS_LENGTH, unique=True)
    mail_type = models.CharField(max_length=10, choices=MailType)
    reply_to_address = models.EmailField(max_length=254, blank=True, default="")
    reply_to_verification = models.ForeignKey(
        Verification, null=True, on_delete=models.SET_NULL, related_name="sender_addresses"
    )
    smtp_last_used_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    reply_to_on_smtp = models.CharField(
        max_length=10, choices=ReplyToOnSmtp, db_default=ReplyToOnSmtp.ORIGINAL
    )
    bulk_since = models.DateTimeField(null=True)
    """Since when mail of this trigger address looks like bulk; empty: it does not."""
    bulk_evidence = models.JSONField(null=True)
    """What it was seen by: `smtp_gateway.bulk`."""
    not_bulk_until = models.DateTimeField(null=True)
    """Until then it is not looked at, as somebody decided."""
    not_bulk_by = models.CharField(max_length=254, blank=True, db_default="")
    not_bulk_reason = models.CharField(max_length=300, blank=True, db_default="")
    created_at = models.DateTimeField()

    objects: ClassVar = SenderAddressQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(address=Lower(F("address"))), name="sender_address_lower_case"
            ),
            models.CheckConstraint(
                condition=Q(mail_type__in=MailType.values), name="sender_address_mail_type"
            ),
            models.CheckConstraint(
                condition=Q(reply_to_on_smtp__in=ReplyToOnSmtp.values),
                name="sender_address_reply_to_on_smtp",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def display_address(self) -> str:
        """For people: the domain in U-labels."""
        return display(self.address)

    @property
    def smtp_state(self) -> SmtpState:
        if self.suspended_at is not None:
            return "suspended"
        return "on" if self.smtp_enabled else "off"

    @property
    def display_reply_to(self) -> str:
        return display(self.reply_to_address)

    @property
    def smtp_enabled(self) -> bool:
        """Whether some password lets an application in; see `with_living_credentials`."""
        now = timezone.now()
        return any(credential.is_living(now) for credential in self.credentials.all())

    @property
    def verified_reply_to(self) -> str:
        """The reply-to address that mail composed here may carry; empty: none."""
        proof = self.reply_to_verification
        proven = proof is not None and proof.is_proven and proof.mailbox == self.reply_to_address
        return self.reply_to_address if proven else ""

    def reply_to_state(self, now: datetime) -> State:
        proof = self.reply_to_verification
        return State.UNVERIFIED if proof is None else proof.state(now)
