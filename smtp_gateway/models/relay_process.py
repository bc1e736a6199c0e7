"""The relays that run, as the queue knows them."""

from django.db import models


class RelayProcess(models.Model):
    """A running relay; leases of one whose heartbeat stopped are freed."""

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"relay {self.pk} ({self.host}:{self.pid})"
