"""Where each sender address stands in the pace of its mail."""

from django.db import models


class SenderPace(models.Model):
    """One for each sender whose mail was ever given a time: relays take turns at it."""

    # As deliveries have it: a hash of the sender address.
    sender_key = models.IntegerField(primary_key=True)
    mail_type = models.CharField(max_length=10)
    # Recipients; null: as the policy of the mail type says; 0: nothing leaves.
    per_minute = models.PositiveIntegerField(null=True)
    # No mail has this time or a later one yet.
    next_slot_at = models.DateTimeField()
    # Before this all have theirs; null: nobody knows.
    behind_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mail_type__in=["trigger", "batch"]), name="sender_pace_mail_type"
            ),
        ]

    def __str__(self) -> str:
        return f"pace of {self.sender_key}"
