"""What domains promise of their mail hosts (MTA-STS, RFC 8461), remembered as long as they ask."""

from django.db import models


class MtaStsPolicy(models.Model):
    """The policy of a recipient domain as it was last fetched."""

    domain = models.CharField(max_length=255, unique=True)
    policy_id = models.CharField(max_length=32)
    mode = models.CharField(max_length=10)
    mx_patterns = models.TextField(blank=True)
    """One a line."""
    max_age_seconds = models.PositiveIntegerField()
    fetched_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.mode} for {self.domain}"
