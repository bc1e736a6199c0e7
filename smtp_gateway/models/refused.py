"""What was refused at the door."""

from django.db import models


class RefusedMail(models.Model):
    """A mail that the policy refused at the door, as the mail log shows it; the newest only."""

    at = models.DateTimeField()
    sender_address = models.CharField(max_length=192)
    mail_from = models.CharField(max_length=320, blank=True)
    recipients = models.TextField(blank=True)
    """The first of them, one a line."""
    recipient_count = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    reply = models.TextField()
    client_ip = models.GenericIPAddressField()
    session_id = models.CharField(max_length=20)

    class Meta:
        indexes = [
            models.Index(
                fields=["sender_address", "id"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="refused_by_sender",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.sender_address}"

    @property
    def recipient_list(self) -> list[str]:
        return self.recipients.splitlines()

    @property
    def unnamed_count(self) -> int:
        """Recipients beyond those that are kept."""
        return self.recipient_count - len(self.recipient_list)
