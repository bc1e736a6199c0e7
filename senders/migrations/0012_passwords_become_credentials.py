"""What was in columns of the sender address becomes rows: its SMTP password and the one before."""

from django.db import migrations
from django.utils import timezone

_MAIN_SLOT = 1


def to_rows(apps, schema_editor):
    SenderAddress = apps.get_model("senders", "SenderAddress")
    SmtpCredential = apps.get_model("senders", "SmtpCredential")
    now = timezone.now()
    made = []
    for sender in SenderAddress.objects.iterator():
        if sender.previous_smtp_password_hash:
            made.append(SmtpCredential(
                sender=sender, name="Earlier SMTP password", ended_at=now,
                password_hash=sender.previous_smtp_password_hash))
        if sender.smtp_password_hash:
            made.append(SmtpCredential(
                sender=sender, name="SMTP password", slot=_MAIN_SLOT,
                password_hash=sender.smtp_password_hash, last_used_at=sender.smtp_last_used_at))
    SmtpCredential.objects.bulk_create(made, batch_size=1000)


def to_columns(apps, schema_editor):
    """One password an address is all that there was: its SMTP password, or else the first other."""
    SenderAddress = apps.get_model("senders", "SenderAddress")
    SmtpCredential = apps.get_model("senders", "SmtpCredential")
    now = timezone.now()
    for sender in SenderAddress.objects.iterator():
        rows = SmtpCredential.objects.filter(sender=sender)
        alive = rows.filter(ended_at=None).exclude(expires_at__lte=now).order_by("slot").first()
        ended = rows.exclude(ended_at=None).order_by("-ended_at", "-id").first()
        sender.smtp_password_hash = alive.password_hash if alive else ""
        sender.previous_smtp_password_hash = ended.password_hash if ended else ""
        sender.save(update_fields=["smtp_password_hash", "previous_smtp_password_hash"])


class Migration(migrations.Migration):

    dependencies = [
        ("senders", "0011_smtp_credential"),
    ]

    operations = [
        migrations.RunPython(to_rows, to_columns),
    ]
