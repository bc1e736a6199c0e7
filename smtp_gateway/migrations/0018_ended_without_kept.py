from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Built beside accepting and relaying, and before the one it replaces goes."""

    atomic = False
    dependencies = [("smtp_gateway", "0017_findings")]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                fields=["state", "id"],
                condition=models.Q(
                    ("finished_at__isnull", False),
                    models.Q(
                        (
                            "reason_code__in",
                            ("domain-unverified", "no-smarthost", "mailbox-route", "report-unaddressed"),
                        ),
                        _negated=True,
                    ),
                ),
                name="delivery_ended",
            ),
        ),
        RemoveIndexConcurrently(model_name="delivery", name="delivery_finished"),
    ]
