from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Built beside accepting and relaying: on a large queue it takes minutes."""

    atomic = False
    dependencies = [("smtp_gateway", "0010_kept_by_route")]

    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["lane", "sender_key", "next_attempt_at"],
                name="delivery_due_by_sender",
            ),
        ),
    ]
