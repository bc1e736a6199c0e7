"""What the worker found out beside the pages, so that no page waits for it."""

from django.db import models


class Finding(models.Model):
    """The newest answer to one question."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField()
    found_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.found_at:%Y-%m-%d %H:%M:%S}"
