from django.db import migrations, models


def existing_stay_able(apps, schema_editor):
    apps.get_model("directmail", "Operator").objects.update(role="admin")


class Migration(migrations.Migration):
    """Roles take the place of groups, permissions and superusers; who was there is an admin."""

    dependencies = [("directmail", "0002_cache_table")]

    operations = [
        migrations.AlterModelOptions(
            name="operator", options={"default_permissions": ("change",)}
        ),
        migrations.RemoveField(model_name="operator", name="groups"),
        migrations.RemoveField(model_name="operator", name="user_permissions"),
        migrations.RemoveField(model_name="operator", name="is_superuser"),
        migrations.AddField(
            model_name="operator",
            name="role",
            field=models.CharField(
                choices=[("admin", "Admin"), ("operator", "Operator"), ("viewer", "Viewer")],
                default="operator",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="operator",
            name="last_seen_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(existing_stay_able, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="operator",
            constraint=models.CheckConstraint(
                condition=models.Q(role__in=["admin", "operator", "viewer"]),
                name="operator_role",
            ),
        ),
    ]
