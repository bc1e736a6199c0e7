"""One recipient of a mail on its way, and the words for where it stands."""

from django.contrib.postgres.indexes import BrinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from smtp_gateway import reasons
from smtp_gateway.models.message import Message
from smtp_gateway.waiting import Turn


class DeliveryState(models.TextChoices):
    """Where a delivery stands. Deferred is `queued` with a reason."""

    QUEUED = "queued", _("Queued")
    LEASED = "leased", _("Being relayed")
    RELAYED = "relayed", _("Relayed")
    BOUNCED = "bounced", _("Bounced")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")
    # In hand when a relay died, too often: not tried again until somebody releases it.
    HELD = "held", _("Set aside")


class ShownState(models.TextChoices):
    """The words of the console for where a delivery stands."""

    QUEUED = "queued", _("Queued")
    DEFERRED = "deferred", _("Deferred")
    LEASED = "leased", _("Being relayed")
    RELAYED = "relayed", _("Relayed")
    KEPT = "kept", _("Kept here")
    RETURNED = "returned", _("Bounced later")
    BOUNCED = "bounced", _("Bounced")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")
    # In hand when a relay died, too often: not tried again until somebody releases it.
    HELD = "held", _("Set aside")


class Delivery(models.Model):
    """One recipient of a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.CharField(max_length=320)
    lane = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    next_attempt_at = models.DateTimeField()
    attempt_count = models.PositiveIntegerField(default=0)
    # Who shares a lane shares it by this: a hash of the sender address.
    sender_key = models.IntegerField(db_default=0)
    # How often a relay died with this in hand.
    crash_count = models.PositiveSmallIntegerField(db_default=0)
    leased_by = models.BigIntegerField(null=True)
    reason_code = models.CharField(max_length=40, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    finished_at = models.DateTimeField(null=True)
    dsn_notify = models.CharField(max_length=30, blank=True, db_default="")
    dsn_orcpt = models.CharField(max_length=500, blank=True, db_default="")

    turn: Turn | None = None
    """Set by whoever has found out about it (`mail_life.turns`)."""

    class Meta:
        # Every delivery is inserted, leased and finished: what an index costs, it costs each time.
        indexes = [
            models.Index(
                fields=["lane", "next_attempt_at"],
                condition=Q(state="queued"),
                name="delivery_due",
            ),
            # The same for one sender at a time, where several share a backlog.
            models.Index(
                fields=["lane", "sender_key", "next_attempt_at"],
                condition=Q(state="queued"),
                name="delivery_due_by_sender",
            ),
            models.Index(fields=["leased_by"], condition=Q(state="leased"), name="delivery_leased"),
            # Without what is kept here: the few that were relayed are found among many that were
            # not, and each finished delivery stands in one of this index and the next.
            models.Index(
                fields=["state", "id"],
                condition=Q(finished_at__isnull=False) & ~Q(reason_code__in=reasons.KEPT),
                name="delivery_ended",
            ),
            models.Index(
                fields=["id"], condition=Q(reason_code__in=reasons.KEPT), name="delivery_kept"
            ),
            models.Index(
                fields=["id"],
                condition=Q(reason_code=reasons.BOUNCED_LATER),
                name="delivery_returned",
            ),
            models.Index(
                fields=["id"],
                condition=Q(state="queued", attempt_count__gt=0),
                name="delivery_deferred",
            ),
            models.Index(fields=["id"], condition=Q(state="held"), name="delivery_held"),
            BrinIndex(fields=["finished_at"], name="delivery_by_finish"),
            # Recipients keep their case; the mail log finds them in any case, by how they begin.
            # Without what is leased, of which there is little: a lease writes one entry less.
            models.Index(
                OpClass(Upper("recipient"), name="text_pattern_ops"),
                "id",
                condition=~Q(state="leased"),
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
                condition=Q(state__in=["queued", "leased", "held"], finished_at=None)
                | (~Q(state__in=["queued", "leased", "held"]) & Q(finished_at__isnull=False)),
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
        if self.state != DeliveryState.RELAYED:
            return ShownState(self.state)
        if self.reason_code == reasons.BOUNCED_LATER:
            return ShownState.RETURNED
        return ShownState.KEPT if self.reason_code in reasons.KEPT else ShownState.RELAYED
