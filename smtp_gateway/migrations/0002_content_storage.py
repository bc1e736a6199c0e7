from django.db import migrations


class Migration(migrations.Migration):
    """Mail is mostly base64 or small: compressing it costs CPU on the hot path and saves little."""

    dependencies = [("smtp_gateway", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE smtp_gateway_messagecontent ALTER COLUMN body SET STORAGE EXTERNAL",
            "ALTER TABLE smtp_gateway_messagecontent ALTER COLUMN body SET STORAGE EXTENDED",
        )
    ]
