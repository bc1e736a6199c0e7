import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Built beside accepting and relaying; until it is there, the mail log is slow to search."""

    atomic = False
    dependencies = [("smtp_gateway", "0011_fair_leases")]

    operations = [
        RemoveIndexConcurrently(model_name="delivery", name="delivery_by_recipient"),
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("recipient"), name="text_pattern_ops"
                ),
                models.F("id"),
                condition=models.Q(("state", "leased"), _negated=True),
                name="delivery_by_recipient",
            ),
        ),
    ]
