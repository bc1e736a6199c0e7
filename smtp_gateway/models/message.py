"""An accepted mail, its bytes, and the copy that the local mailbox keeps."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class Origin(models.TextChoices):
    """How a mail came in."""

    SMTP = "smtp", _("SMTP")
    CONSOLE = "console", _("Console")
    SYSTEM = "system", _("DirectMail itself")


class Message(models.Model):
    """An accepted mail: envelope, origin and what the mail log shows of it."""

    queue_id = models.CharField(max_length=16)
    origin = models.CharField(max_length=10, choices=Origin)
    mail_type = models.CharField(max_length=10)
    sender_address = models.CharField(max_length=192, blank=True)
    mail_from = models.CharField(max_length=320, blank=True)
    message_id = models.TextField(blank=True)
    subject = models.TextField(blank=True)
    size_bytes = models.PositiveIntegerField()
    accepted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    needs_smtputf8 = models.BooleanField(default=False)
    is_8bit = models.BooleanField(default=False)
    client_ip = models.GenericIPAddressField(null=True)
    client_name = models.CharField(max_length=255, blank=True)
    tls = models.CharField(max_length=100, blank=True)
    session_id = models.CharField(max_length=20, blank=True)
    # RFC 3461, as they go on to a next hop. In the database's own default, so that a gateway that
    # still runs the version before can insert.
    dsn_ret = models.CharField(max_length=4, blank=True, db_default="")
    dsn_envid = models.CharField(max_length=100, blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["message_id"], name="message_by_message_id"),
            # Rows lie in the order of their acceptance, all but: a summary of each block will do.
            BrinIndex(fields=["accepted_at"], name="message_by_time"),
            # Pattern operators: the mail log finds an address by how it begins.
            models.Index(
                fields=["sender_address", "id"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="message_by_sender",
            ),
        ]
        constraints = [
            # One index for the whole id and for how it begins.
            models.UniqueConstraint(
                fields=["queue_id"], opclasses=["varchar_pattern_ops"], name="message_by_queue_id"
            ),
        ]

    def __str__(self) -> str:
        return self.queue_id

    @property
    def is_letter(self) -> bool:
        """Whether DirectMail wrote it to a person: links in it may let in whoever follows them.

        Its reports have no sender and no links.
        """
        return self.origin == Origin.SYSTEM and bool(self.mail_from)


class MessageContent(models.Model):
    """The bytes that are relayed, apart from the hot rows."""

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True, related_name="content"
    )
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"content of message {self.message_id}"


class CaughtMail(models.Model):
    """A mail that the `mailbox` route keeps in the local mailbox."""

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True, related_name="caught"
    )
    caught_at = models.DateTimeField()
    recipients = models.TextField()
    """Envelope recipients, one a line."""

    def __str__(self) -> str:
        return f"caught {self.message_id}"

    @property
    def recipient_list(self) -> list[str]:
        return self.recipients.splitlines()
