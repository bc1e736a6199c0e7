"""The standing of an address, how it changed, and what each level and day allows.

`models` hands these tables to Django.
"""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

LEAST_LEVEL, MOST_LEVEL = 1, 10
START_LEVEL = 5
"""Neutral: of whom too little is known."""


class Trouble(models.TextChoices):
    """What sets off the alarm, and the brake."""

    HARD_BOUNCES = "hard-bounces", _("Hard bounces")
    COMPLAINTS = "complaints", _("Complaints")


class ChangeKind(models.TextChoices):
    """Why a level or what it allows changed."""

    NUMBERS = "numbers", _("Recomputed")
    LIMITED = "limited", _("Decided by an admin")
    WARNED = "warned", _("Alarm")
    BRAKED = "braked", _("Brake")
    RELEASED = "released", _("Brake released")


class Plan(models.TextChoices):
    """Whose warm-up it is."""

    ADDRESS = "address", _("New address")
    DOMAIN = "domain", _("New domain")


def _level_between(field: str) -> Q:
    return Q(**{f"{field}__gte": LEAST_LEVEL, f"{field}__lte": MOST_LEVEL})


class Standing(models.Model):
    """One sender address; one without a row is neutral."""

    sender = models.OneToOneField(
        "senders.SenderAddress", on_delete=models.CASCADE, primary_key=True, related_name="standing"
    )
    level = models.PositiveSmallIntegerField(default=START_LEVEL, db_default=START_LEVEL)
    """By the numbers alone."""
    parts = models.JSONField(default=list, db_default=[])
    """What the level was last made of: a Part each, as `smtp_gateway.standing.formula` says."""
    computed_on = models.DateField(null=True)
    """The day, by UTC."""
    warm_up_began_at = models.DateTimeField(null=True)
    """When the first mail left; None: none has."""
    cap = models.PositiveSmallIntegerField(null=True)
    """The highest level that an admin allows."""
    fixed_level = models.PositiveSmallIntegerField(null=True)
    """Whatever the numbers say."""
    limit_reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    warning = models.CharField(
        max_length=20, choices=Trouble, blank=True, default="", db_default=""
    )
    warned_at = models.DateTimeField(null=True)
    brake = models.CharField(max_length=20, choices=Trouble, blank=True, default="", db_default="")
    braked_at = models.DateTimeField(null=True)
    counted_from = models.DateTimeField(null=True)
    """When the last brake was put on: quotas of that hour and day (UTC) count from there on."""
    # Recipients accepted before it.
    accepted_in_hour_before = models.PositiveBigIntegerField(default=0, db_default=0)
    accepted_in_day_before = models.PositiveBigIntegerField(default=0, db_default=0)
    trouble_count = models.PositiveBigIntegerField(default=0, db_default=0)
    """How many mails the alarm or the brake is about, of `trouble_of`."""
    trouble_of = models.PositiveBigIntegerField(default=0, db_default=0)
    released_at = models.DateTimeField(null=True)
    """What happened before counts for no brake any more."""
    alarm_due_at = models.DateTimeField(null=True)
    """Operators are to be told."""
    alarmed_at = models.DateTimeField(null=True)

    # What all of it comes to (`standing.keeping`): read with each log-in, by the primary key.
    allowed_per_hour = models.PositiveBigIntegerField(null=True)
    allowed_per_day = models.PositiveBigIntegerField(null=True)
    halted = models.CharField(max_length=300, blank=True, default="", db_default="")
    """Why nothing is accepted for now, a clause in English; empty: mail is accepted."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_level_between("level"), name="standing_level"),
            models.CheckConstraint(
                condition=Q(cap=None) | _level_between("cap"), name="standing_cap"
            ),
            models.CheckConstraint(
                condition=Q(fixed_level=None) | _level_between("fixed_level"),
                name="standing_fixed_level",
            ),
            models.CheckConstraint(
                condition=Q(brake="", braked_at=None) | (~Q(brake="") & Q(braked_at__isnull=False)),
                name="standing_braked_since",
            ),
        ]
        indexes = [
            models.Index(fields=["computed_on"], name="standing_by_day"),
            models.Index(
                fields=["alarm_due_at"],
                condition=Q(alarm_due_at__isnull=False),
                name="standing_alarm_due",
            ),
        ]

    def __str__(self) -> str:
        return f"level {self.shown_level}"

    @property
    def shown_level(self) -> int:
        """What holds: by the numbers, unless an admin decided otherwise."""
        if self.fixed_level is not None:
            return self.fixed_level
        return self.level if self.cap is None else min(self.level, self.cap)


class StandingChange(models.Model):
    """One change with its numbers."""

    sender = models.ForeignKey(
        "senders.SenderAddress", on_delete=models.CASCADE, related_name="standing_changes"
    )
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=ChangeKind)
    from_level = models.PositiveSmallIntegerField()
    to_level = models.PositiveSmallIntegerField()
    trouble = models.CharField(
        max_length=20, choices=Trouble, blank=True, default="", db_default=""
    )
    trouble_count = models.PositiveBigIntegerField(default=0, db_default=0)
    trouble_of = models.PositiveBigIntegerField(default=0, db_default=0)
    parts = models.JSONField(default=list, db_default=[])
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    """In the words of whoever decided it."""
    decided_by = models.CharField(max_length=254, blank=True, default="", db_default="")
    """Empty: the numbers."""

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["sender", "-id"], name="standing_change_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ChangeKind.values), name="standing_change_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_level} to {self.to_level} at {self.at:%Y-%m-%d %H:%M}"


class StandingLevel(models.Model):
    """What an admin has a level allow; one without a row allows what `standing.defaults` says.

    None: as much as the policy of the mail type does.
    """

    level = models.PositiveSmallIntegerField(primary_key=True)
    per_hour = models.PositiveBigIntegerField(null=True)
    per_day = models.PositiveBigIntegerField(null=True)
    pace_per_minute = models.PositiveBigIntegerField(null=True)
    """The pace at which its mail leaves."""

    class Meta:
        ordering = ["level"]
        constraints = [
            models.CheckConstraint(condition=_level_between("level"), name="standing_level_known")
        ]

    def __str__(self) -> str:
        return f"level {self.level}"


class WarmUpDay(models.Model):
    """What an admin has a day of a warm-up allow; in recipients.

    A plan is there as a whole; one without rows is as `standing.defaults` says.
    """

    plan = models.CharField(max_length=10, choices=Plan)
    day = models.PositiveSmallIntegerField()
    """1: the day of the first mail that leaves."""
    per_day = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["plan", "day"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "day"], name="warm_up_day_once"),
            models.CheckConstraint(condition=Q(day__gte=1), name="warm_up_day_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"day {self.day}: {self.per_day}"


def warm_up_day(began_at: datetime | None, now: datetime) -> int:
    """1 on the day, by UTC, on which the first mail leaves, and until then."""
    return 1 if began_at is None else (now.date() - began_at.date()).days + 1
