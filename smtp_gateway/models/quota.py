"""How many recipients were accepted, for quotas: counts, and what workers of gateways hold."""

from django.db import models
from django.db.models import F, Q


class QuotaCount(models.Model):
    """Recipients of an hour or a day (UTC): those accepted, and those that leases may accept yet.

    `subject`: "address:news@example.com", or "type:batch" for all addresses of a mail type.
    """

    subject = models.CharField(max_length=200)
    period = models.CharField(max_length=4)
    starts_at = models.DateTimeField()
    taken = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "period", "starts_at"], name="quota_count_window"
            ),
            models.CheckConstraint(condition=Q(taken__gte=0), name="quota_count_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.taken} of {self.subject} in {self.period} {self.starts_at}"


class QuotaLease(models.Model):
    """What one worker may accept of one address in one hour without asking again.

    `used` is written by the statement that accepts the mail.
    """

    holder = models.CharField(max_length=32)
    sender_address = models.CharField(max_length=192)
    mail_type = models.CharField(max_length=10)
    hour = models.DateTimeField()
    granted = models.BigIntegerField()
    used = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "sender_address", "hour"], name="quota_lease_once"
            ),
            # Whatever a worker believes: no more is accepted than was granted.
            models.CheckConstraint(condition=Q(used__lte=F("granted")), name="quota_lease_kept"),
        ]
        indexes = [models.Index(fields=["sender_address", "hour"], name="quota_lease_of_address")]

    def __str__(self) -> str:
        return f"{self.used} of {self.granted} for {self.sender_address}"


class QuotaHolder(models.Model):
    """A worker that has leases. Without a heartbeat it is dead, and they come back."""

    id = models.CharField(max_length=32, primary_key=True)
    heartbeat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.id
