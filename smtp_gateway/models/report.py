"""Reports to senders (DSN, RFC 3464): which are due, and which mail carries them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from smtp_gateway.models.delivery import Delivery


class ReportKind(models.TextChoices):
    """What is reported of a delivery (RFC 3464 section 2.3.3)."""

    FAILED = "failed", _("Failed")
    DELAYED = "delayed", _("Delayed")
    DELIVERED = "delivered", _("Delivered")
    RELAYED = "relayed", _("Relayed")


class DeliveryReport(models.Model):
    """One thing to tell the sender about one delivery, once."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=10, choices=ReportKind)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    queue_id = models.CharField(max_length=16, blank=True, db_default="")
    """The mail that carries it."""
    is_kept_here = models.BooleanField(db_default=False)
    """Nobody can be told by mail: it can be read in the local mailbox."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "kind"], name="report_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(made_at=None), name="report_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} report of delivery {self.delivery_id}"
