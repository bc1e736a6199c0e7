"""The table of recipients that get no mail. `models` hands it to Django.

A row is one suppression from its beginning to its end: of one scope, one target and one reason
there is at most one that has not ended, and those that have are its history.
"""

from datetime import datetime
from typing import ClassVar

from django.db import connection, models
from django.db.models import F, Func, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from verification.mail_address import display

MAX_TARGET_LENGTH, MAX_SENDER_LENGTH, MAX_NOTE_LENGTH = 320, 192, 500


class Scope(models.TextChoices):
    """Whose mail a suppression stops."""

    ADDRESS = "address", _("One sender address")
    MAIL_TYPE = "mail_type", _("One mail type")
    ORGANISATION = "organisation", _("Everything")


class Reason(models.TextChoices):
    """Why a recipient gets no mail."""

    HARD_BOUNCE = "hard-bounce", _("Hard bounce")
    COMPLAINT = "complaint", _("Complaint")
    OPT_OUT = "opt-out", _("Opt-out")
    MANUAL = "manual", _("By hand")
    SOFT = "soft", _("Soft bounces")


class SuppressionState(models.TextChoices):
    """Whether a suppression holds, and how it ended."""

    LIVING = "living", pgettext_lazy("suppression", "Suppressed")
    EXPIRED = "expired", pgettext_lazy("suppression", "Expired")
    LIFTED = "lifted", pgettext_lazy("suppression", "Lifted")


def this_transaction() -> Cast:
    """The number of the transaction that writes: who follows changes asks by it."""
    number = Func(function="pg_current_xact_id", output_field=models.TextField())
    return Cast(Cast(number, models.TextField()), models.BigIntegerField())


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    """Filters on suppressions."""

    def living(self, now: datetime) -> "SuppressionQuerySet":
        """Those that hold."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), ended_at=None)

    def in_state(self, state: str, now: datetime) -> "SuppressionQuerySet":
        if state == SuppressionState.LIVING:
            return self.living(now)
        if state == SuppressionState.LIFTED:
            return self.filter(ended_at__isnull=False, lifted_at__isnull=False)
        # Each half has an index of its own: of what has ended, and of what is about to.
        unnoticed = Q(ended_at=None, expires_at__lte=now)
        return self.filter(Q(ended_at__isnull=False) | unnoticed, lifted_at=None)

    def of_sender(self, address: str) -> "SuppressionQuerySet":
        """Those that hold for mail of this sender address alone."""
        return self.filter(sender_address=address)


# Jumps from one to the next: suppressions are thousands to each, and DISTINCT reads all of them.
_SENDERS = """
WITH RECURSIVE sender(address, number) AS (
    SELECT min(sender_address), 1 FROM senders_suppression WHERE sender_address > ''
    UNION ALL
    SELECT (SELECT min(other.sender_address) FROM senders_suppression AS other
            WHERE other.sender_address > sender.address), number + 1
    FROM sender WHERE sender.address IS NOT NULL AND number < %s
)
SELECT address FROM sender WHERE address IS NOT NULL
"""


def suppressing_senders(most: int) -> list[str]:
    """The first sender addresses, by name, of which somebody gets no mail."""
    with connection.cursor() as cursor:
        cursor.execute(_SENDERS, [most])
        return [address for (address,) in cursor.fetchall()]


class Suppression(models.Model):
    """One recipient, or all of a domain, that gets no mail of one scope."""

    key = models.BigIntegerField()
    """Scope and target as a number (`suppressions.key`), by which gateways know it."""
    scope = models.CharField(max_length=12, choices=Scope)
    sender_address = models.CharField(max_length=MAX_SENDER_LENGTH, blank=True)
    mail_type = models.CharField(max_length=10, blank=True)
    target = models.CharField(max_length=MAX_TARGET_LENGTH, db_collation="C")
    """An address, or without an @ a domain and all below it: lower case, A-labels."""
    domain = models.CharField(max_length=MAX_TARGET_LENGTH, db_collation="C")
    """Of the target, or the target itself."""
    reason = models.CharField(max_length=12, choices=Reason)
    category = models.CharField(max_length=40, blank=True)
    """What kind of bounce it was, by the rules for replies."""
    evidence = models.TextField(blank=True)
    """The very reply, report or request."""
    note = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    queue_id = models.CharField(max_length=16, blank=True)
    """Of the mail that led to it."""
    caused_by = models.CharField(max_length=MAX_SENDER_LENGTH, blank=True)
    """The sender address of that mail; empty where people suppressed or imported it."""
    times = models.PositiveIntegerField(default=1)
    """How often there was reason for it while it held."""
    created_at = models.DateTimeField()
    last_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When it was lifted, or when its time was over and somebody noticed."""
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=320, blank=True)
    lift_reason = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    changed_in = models.BigIntegerField(db_default=this_transaction())
    """The transaction that wrote it last."""

    objects: ClassVar = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["target", "reason", "scope", "sender_address", "mail_type"],
                condition=Q(ended_at=None),
                name="suppression_one_living",
            ),
            models.CheckConstraint(
                condition=Q(scope="address", mail_type="") & ~Q(sender_address="")
                | Q(scope="mail_type", sender_address="") & ~Q(mail_type="")
                | Q(scope="organisation", sender_address="", mail_type=""),
                name="suppression_scope",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=Reason.values), name="suppression_reason"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(ended_at=F("lifted_at")),
                name="suppression_lifted_has_ended",
            ),
        ]
        indexes = [
            # What gateways load, in its order, and without looking at the table.
            models.Index(fields=["key"], condition=Q(ended_at=None), name="suppression_living"),
            models.Index(fields=["changed_in"], name="suppression_changed"),
            models.Index(fields=["id"], condition=Q(ended_at=None), name="suppression_newest"),
            models.Index(fields=["scope", "id"], name="suppression_by_scope"),
            models.Index(fields=["target", "id"], name="suppression_by_target"),
            models.Index(fields=["domain", "target", "id"], name="suppression_by_domain"),
            models.Index(fields=["reason", "id"], name="suppression_by_reason"),
            models.Index(fields=["sender_address", "id"], name="suppression_by_sender"),
            models.Index(
                fields=["expires_at"],
                condition=Q(ended_at=None, expires_at__isnull=False),
                name="suppression_expiring",
            ),
            models.Index(
                fields=["id"], condition=Q(ended_at__isnull=False), name="suppression_ended"
            ),
            models.Index(
                fields=["queue_id"], condition=~Q(queue_id=""), name="suppression_by_mail"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} ({self.reason})"

    @property
    def is_domain(self) -> bool:
        """Whether it stops mail to a whole domain."""
        return "@" not in self.target

    @property
    def display_target(self) -> str:
        """For people: the domain in U-labels."""
        return display(self.target)

    def state(self, now: datetime) -> SuppressionState:
        if self.lifted_at is not None:
            return SuppressionState.LIFTED
        is_over = self.ended_at is not None or (self.expires_at or now) < now
        return SuppressionState.EXPIRED if is_over else SuppressionState.LIVING


class SoftBounce(models.Model):
    """A day on which mail to a recipient failed for a reason that may pass."""

    target = models.CharField(max_length=MAX_TARGET_LENGTH, db_collation="C")
    on = models.DateField()
    """In UTC."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "on"], name="soft_bounce_once_a_day")
        ]
        indexes = [models.Index(fields=["on"], name="soft_bounce_by_day")]

    def __str__(self) -> str:
        return f"{self.target} on {self.on:%Y-%m-%d}"
