"""What happened, counted: by hour for weeks, by day for years. Derived from messages and attempts.

The numbers outlive the mail that they count.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CountedOutcome(models.TextChoices):
    """What is counted of a recipient."""

    ACCEPTED = "accepted", _("Accepted")
    RELAYED = "relayed", _("Relayed")
    KEPT = "kept", _("Kept here")
    DEFERRED = "deferred", _("Deferred")
    BOUNCED = "bounced", _("Bounced")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")
    SUPPRESSED = "suppressed", _("Suppressed")
    UNCERTAIN = "uncertain", _("Uncertain")
    SET_ASIDE = "set-aside", _("Set aside")
    RETURNED = "returned", _("Bounced later")


class RollupCount(models.Model):
    """One number of some time: of a sender address, or of all."""

    begin = models.DateTimeField()
    """Of an hour, or of a day, by UTC."""
    sender_address = models.CharField(max_length=192, blank=True)
    """`*`: all together; empty: DirectMail's own mail."""
    mail_type = models.CharField(max_length=10)
    outcome = models.CharField(max_length=10, choices=CountedOutcome)
    reason = models.CharField(max_length=40, blank=True)
    """Of failures: the category of the reply, or where there is none the code."""
    events = models.BigIntegerField()
    recipients = models.BigIntegerField()
    """Those to whom it happened for the first time."""
    reason_recipients = models.BigIntegerField()
    """Those to whom it happened for the first time for this reason."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.recipients} {self.outcome} from {self.begin:%Y-%m-%d %H:%M}"


class HourlyCount(RollupCount):
    """One number of one hour."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sender_address", "begin", "mail_type", "outcome", "reason"],
                name="hourly_count_once",
            ),
        ]
        indexes = [
            models.Index(fields=["begin"], name="hourly_count_by_time"),
            # Who sent most: without what became of it, which is most of the rows.
            models.Index(
                fields=["begin"], condition=Q(outcome="accepted"), name="hourly_count_accepted"
            ),
        ]


class DailyCount(RollupCount):
    """One number of one day."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sender_address", "begin", "mail_type", "outcome", "reason"],
                name="daily_count_once",
            ),
        ]
        indexes = [
            models.Index(fields=["begin"], name="daily_count_by_time"),
            # Who sent most: without what became of it, which is most of the rows.
            models.Index(
                fields=["begin"], condition=Q(outcome="accepted"), name="daily_count_accepted"
            ),
        ]


class RollupState(models.Model):
    """How far everything is counted: the one row of its table."""

    delivery_id = models.BigIntegerField(default=0)
    """The last that is counted as accepted."""
    attempt_id = models.BigIntegerField(default=0)
    """The last that is counted."""
    turn = models.BigIntegerField(default=0)
    """Another number whenever the counts were changed."""
    counted_until = models.DateTimeField(null=True)
    """What was committed before is counted."""
    # How far it can be counted as soon as those who were writing then have ended.
    settling_delivery_id = models.BigIntegerField(null=True)
    settling_attempt_id = models.BigIntegerField(null=True)
    settling_at = models.DateTimeField(null=True)
    settling_writers = ArrayField(models.CharField(max_length=40), default=list)

    def __str__(self) -> str:
        return f"counted up to attempt {self.attempt_id}"
