"""What failed for good by its recipient's fault, until a worker has made of it what follows."""

from django.db import models


class RecipientFault(models.Model):
    """Written with the outcome, taken away with the suppression: so each counts once."""

    delivery_id = models.BigIntegerField()
    at = models.DateTimeField()
    category = models.CharField(max_length=40)
    reply = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.category} of delivery {self.delivery_id}"
