from django.db import migrations, models


class Migration(migrations.Migration):
    """A third reason why mail is kept here: a route says so."""

    dependencies = [
        ('smtp_gateway', '0009_relay_engine'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_kept',
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('reason_code__in', ('domain-unverified', 'no-smarthost', 'mailbox-route'))), fields=['id'], name='delivery_kept'),
        ),
    ]
