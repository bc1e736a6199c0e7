"""The table of policies, a row for each mail type. `senders.models` hands it to Django."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class UnsubscribeHandling(models.TextChoices):
    """What DirectMail adds so that recipients can unsubscribe."""

    NONE = "none", _("None")
    ONE_CLICK = "one-click", _("One click")


class MailTypePolicy(models.Model):
    """What an admin decided for one mail type; see `policy.Policy` for what each field means.

    Empty quotas and paces are none. Empty lifetime, retries and most recipients are as the settings
    of the installation say.
    """

    mail_type = models.CharField(max_length=10, primary_key=True)
    address_per_hour = models.PositiveIntegerField(null=True, blank=True)
    address_per_day = models.PositiveIntegerField(null=True, blank=True)
    organisation_per_hour = models.PositiveIntegerField(null=True, blank=True)
    organisation_per_day = models.PositiveIntegerField(null=True, blank=True)
    pace_per_minute = models.PositiveIntegerField(null=True, blank=True)
    window_opens = models.TimeField(null=True, blank=True)
    window_closes = models.TimeField(null=True, blank=True)
    window_time_zone = models.CharField(max_length=64, default="UTC")
    lifetime = models.DurationField(null=True, blank=True)
    retry_first = models.DurationField(null=True, blank=True)
    retry_longest = models.DurationField(null=True, blank=True)
    max_recipients = models.PositiveIntegerField(null=True, blank=True)
    unsubscribe = models.CharField(max_length=10, choices=UnsubscribeHandling, default="none")
    takes_lifetime_header = models.BooleanField(default=False)
    bulk_pace_per_minute = models.PositiveIntegerField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [("change_policy", "Can change the policies of mail types")]
        constraints = [
            models.CheckConstraint(
                condition=Q(mail_type__in=["trigger", "batch"]), name="policy_mail_type"
            ),
            models.CheckConstraint(
                condition=Q(window_opens=None, window_closes=None)
                | Q(window_opens__isnull=False, window_closes__isnull=False)
                & ~Q(window_opens=F("window_closes")),
                name="policy_window_whole",
            ),
            models.CheckConstraint(
                condition=Q(lifetime=None) | Q(lifetime__gt=timedelta(0)),
                name="policy_lifetime_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.mail_type
