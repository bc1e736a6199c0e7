from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside gateways and relays that write: the table may have many millions of rows."""

    atomic = False

    dependencies = [
        ("smtp_gateway", "0014_rollups"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("outcome__in", ["bounced", "expired", "uncertain", "set-aside"])),
                fields=["at"],
                name="attempt_failed_by_time",
            ),
        ),
    ]
