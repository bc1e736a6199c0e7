"""What operators did to mail by hand."""

import re

from django.db import models
from django.utils.translation import gettext_lazy as _


class ActionName(models.TextChoices):
    """What can be done to mail in the mail log."""

    RETRY = "retry", _("Retry now")
    CANCEL = "cancel", _("Cancel")
    RELEASE = "release", _("Release")
    SEND_AGAIN = "send-again", _("Send again")


_QUEUE_ID = re.compile(r"(?:([0-9A-Z]{16})\b)?(.*)", re.DOTALL)


class MailAction(models.Model):
    """One action on one delivery or on all that a filter found: the audit trail."""

    at = models.DateTimeField()
    operator = models.CharField(max_length=320)
    client_ip = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=10, choices=ActionName)
    selection = models.TextField()
    """What it was done to: a queue id and recipient a line, or the filter's words."""
    delivery_count = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="mail_action_by_time")]

    def __str__(self) -> str:
        return f"{self.action} by {self.operator} at {self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def selection_lines(self) -> list[tuple[str, str]]:
        """Each line as the queue id that it begins with, empty where it does not, and its rest."""
        found = [_QUEUE_ID.fullmatch(line) for line in self.selection.split("\n")]
        return [(match[1] or "", match[2]) for match in found if match]
