"""The table of hosts that reports came back to before. `models` hands it to Django."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

from verification.mail_address import display

_MAX_HOST_LENGTH = 253
KEPT = timedelta(days=31)
"""A day longer than return paths are good for: mail that leaves in the last moment has a token
that counts up to the end of its last day."""


class FormerReturnHostQuerySet(models.QuerySet["FormerReturnHost"]):
    """Filters on former hosts."""

    def taking(self, now: datetime) -> "FormerReturnHostQuerySet":
        """Those at which reports are still taken."""
        return self.filter(left_at__gt=now - KEPT)

    def of_domain(self, domain: str) -> "FormerReturnHostQuerySet":
        """Those below `domain`."""
        return self.filter(host__endswith=f".{domain}")


class FormerReturnHost(models.Model):
    """A return-path host of a sender domain, until its domain got another or was removed."""

    host = models.CharField(max_length=_MAX_HOST_LENGTH, unique=True)
    """In A-labels and lower case."""
    left_at = models.DateTimeField()

    objects: ClassVar = FormerReturnHostQuerySet.as_manager()

    class Meta:
        ordering = ["host"]

    def __str__(self) -> str:
        return self.host

    @property
    def display_host(self) -> str:
        """For people: in U-labels."""
        return display(self.host)

    @property
    def taken_until(self) -> datetime:
        """Until then the MX record of the host is needed."""
        return self.left_at + KEPT
