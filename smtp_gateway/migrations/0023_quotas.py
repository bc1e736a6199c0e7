
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('smtp_gateway', '0022_sender_pace'),
    ]

    operations = [
        migrations.CreateModel(
            name='QuotaHolder',
            fields=[
                ('id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('heartbeat_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='QuotaCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=200)),
                ('period', models.CharField(max_length=4)),
                ('starts_at', models.DateTimeField()),
                ('taken', models.BigIntegerField(db_default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subject', 'period', 'starts_at'), name='quota_count_window'), models.CheckConstraint(condition=models.Q(('taken__gte', 0)), name='quota_count_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='QuotaLease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.CharField(max_length=32)),
                ('sender_address', models.CharField(max_length=192)),
                ('mail_type', models.CharField(max_length=10)),
                ('hour', models.DateTimeField()),
                ('granted', models.BigIntegerField()),
                ('used', models.BigIntegerField(db_default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['sender_address', 'hour'], name='quota_lease_of_address')],
                'constraints': [models.UniqueConstraint(fields=('holder', 'sender_address', 'hour'), name='quota_lease_once'), models.CheckConstraint(condition=models.Q(('used__lte', models.F('granted'))), name='quota_lease_kept')],
            },
        ),
    ]
