"""What happened to a delivery, event by event."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from smtp_gateway import reasons
from smtp_gateway.models.delivery import Delivery, ShownState


class AttemptOutcome(models.TextChoices):
    """How one attempt ended."""

    RELAYED = "relayed", _("Relayed")
    DEFERRED = "deferred", _("Deferred")
    BOUNCED = "bounced", _("Bounced")
    EXPIRED = "expired", _("Expired")
    # The relay died with the delivery in hand: the next hop may have taken it.
    UNCERTAIN = "uncertain", _("Uncertain")
    # What was done by hand, or by the queue itself.
    CANCELLED = "cancelled", _("Cancelled")
    RETRIED = "retried", _("Retry asked for")
    RELEASED = "released", _("Released")
    SENT_AGAIN = "sent-again", _("Sent again")
    SET_ASIDE = "set-aside", _("Set aside")
    # The next hop had taken it, and later a report said that it was not delivered.
    RETURNED = "returned", _("Bounced later")


_NO_ATTEMPTS = {
    AttemptOutcome.CANCELLED,
    AttemptOutcome.RETRIED,
    AttemptOutcome.RELEASED,
    AttemptOutcome.SENT_AGAIN,
    AttemptOutcome.SET_ASIDE,
    AttemptOutcome.RETURNED,
}


TRIED = tuple(outcome for outcome in AttemptOutcome if outcome not in _NO_ATTEMPTS)
"""What a relay's try can come to."""


class Attempt(models.Model):
    """One try to relay a delivery, in the next hop's very words, or what was done to it by hand."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=AttemptOutcome)
    route = models.CharField(max_length=60, blank=True)
    """Its name then; the kind of the route in what was recorded before names were."""
    next_hop = models.CharField(max_length=270, blank=True)
    reply = models.TextField(blank=True)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    category = models.CharField(max_length=40, blank=True, db_default="")
    """What kind of trouble it was, by the rules for replies."""
    fault = models.CharField(max_length=10, blank=True, db_default="")
    """Whose: recipient, content, us or network."""
    tls = models.CharField(max_length=100, blank=True)
    tls_result = models.CharField(max_length=25, blank=True, db_default="")
    """How far the TLS connection proves whom we talked to."""
    duration_ms = models.PositiveIntegerField(default=0)
    transcript_id = models.BigIntegerField(null=True)
    """The RelayTranscript that may have what was said; it is forgotten sooner than this row."""

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
            # Of what is rare; what was relayed pays nothing for it.
            models.Index(
                fields=["at"],
                condition=Q(
                    outcome__in=["bounced", "expired", "uncertain", "set-aside", "returned"]
                ),
                name="attempt_failed_by_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def is_attempt(self) -> bool:
        """Whether a relay tried, and not somebody's hand or the queue did something."""
        is_by_itself = self.is_given_up_waiting or self.is_stopped
        return self.outcome not in _NO_ATTEMPTS and not is_by_itself

    @property
    def is_given_up_waiting(self) -> bool:
        """Its lifetime ended while nothing could be tried."""
        return self.outcome == AttemptOutcome.EXPIRED and not self.next_hop

    @property
    def is_stopped(self) -> bool:
        """Its recipient was suppressed while it waited."""
        return self.reason_code == reasons.SUPPRESSED

    @property
    def shown_outcome(self) -> str:
        """The outcome in the console's words: what the mailbox route took has not left."""
        is_kept = self.outcome == AttemptOutcome.RELAYED and self.reason_code in reasons.KEPT
        return ShownState.KEPT if is_kept else self.outcome
