

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('smtp_gateway', '0016_session_credential'),
    ]

    operations = [
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('value', models.JSONField()),
                ('found_at', models.DateTimeField()),
            ],
        ),
    ]
