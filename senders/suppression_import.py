"""The table of lists that are about to be imported. `models` hands it to Django."""

from django.db import models


class SuppressionImport(models.Model):
    """A list as somebody brought it, from the look at what it would do until that is done.

    Kept for a day: what was looked at is then what is imported, whatever its size.
    """

    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=320, blank=True)
    name = models.CharField(max_length=200, blank=True)
    """Of the file; empty: it was pasted."""
    body = models.BinaryField()
    """Its text in UTF-8, compressed by zlib."""
    choices = models.JSONField(default=dict)
    """What holds for lines that do not say it: reason, scope and so on."""
    looked = models.JSONField(default=dict)
    """What the look found, as `suppressions.importing.Finding` says."""
    imported = models.JSONField(null=True)
    """What came of it; None: nobody has said yes."""

    def __str__(self) -> str:
        return self.name or f"import {self.pk}"
