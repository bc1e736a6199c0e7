"""What was said to the gateway: the table of SMTP sessions."""

from django.db import models


class SmtpSession(models.Model):
    """One conversation of a client with the gateway, without secrets and without the mail."""

    session_id = models.CharField(max_length=20, unique=True)
    sender_address = models.CharField(max_length=192, blank=True)
    """Who logged in, or whom it was about; empty: no sender address."""
    user_name = models.CharField(max_length=192, blank=True)
    """What a client tried to log in as, where it looks like a mail address."""
    credential = models.CharField(max_length=60, blank=True, db_default="")
    """What the password that was tried last is called, where it is or was one of the address."""
    is_logged_in = models.BooleanField()
    is_inbound = models.BooleanField(db_default=False)
    """Somebody brought mail back; nobody submitted any."""
    client_ip = models.GenericIPAddressField(null=True)
    client_name = models.CharField(max_length=255, blank=True)
    tls = models.CharField(max_length=100, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    """When a session that has not ended was last looked at."""
    mail_count = models.PositiveIntegerField()
    refusal_count = models.PositiveIntegerField()
    outcome = models.CharField(max_length=40)
    reply = models.TextField(blank=True)
    """What decided the outcome, where something was refused."""
    went_well = models.BooleanField()
    lines = models.JSONField()
    """The dialogue: milliseconds since `began_at`, speaker and words of each line."""

    class Meta:
        indexes = [
            models.Index(fields=["sender_address", "went_well", "id"], name="smtp_session_of"),
            models.Index(fields=["went_well", "id"], name="smtp_session_by_outcome"),
            models.Index(fields=["began_at"], name="smtp_session_by_time"),
        ]

    def __str__(self) -> str:
        return f"session {self.session_id}"
