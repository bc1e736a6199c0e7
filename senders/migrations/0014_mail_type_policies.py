import datetime
from django.db import migrations, models


# As a new installation has it; the same values stand in `senders.policies.defaults` for later.
_TRIGGER = {
    "address_per_hour": 500_000,
    "address_per_day": 5_000_000,
    "organisation_per_hour": 1_000_000,
    "organisation_per_day": 10_000_000,
    "unsubscribe": "none",
    "takes_lifetime_header": True,
}
_BATCH = {
    "address_per_hour": 5_000,
    "address_per_day": 50_000,
    "organisation_per_hour": 50_000,
    "organisation_per_day": 500_000,
    "unsubscribe": "one-click",
    "takes_lifetime_header": False,
}


def write_defaults(apps, schema_editor):
    policies = apps.get_model("senders", "MailTypePolicy").objects
    policies.create(mail_type="trigger", **_TRIGGER)
    policies.create(mail_type="batch", **_BATCH)


class Migration(migrations.Migration):

    dependencies = [
        ('senders', '0013_no_password_columns'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailTypePolicy',
            fields=[
                ('mail_type', models.CharField(max_length=10, primary_key=True, serialize=False)),
                ('address_per_hour', models.PositiveIntegerField(blank=True, null=True)),
                ('address_per_day', models.PositiveIntegerField(blank=True, null=True)),
                ('organisation_per_hour', models.PositiveIntegerField(blank=True, null=True)),
                ('organisation_per_day', models.PositiveIntegerField(blank=True, null=True)),
                ('pace_per_minute', models.PositiveIntegerField(blank=True, null=True)),
                ('window_opens', models.TimeField(blank=True, null=True)),
                ('window_closes', models.TimeField(blank=True, null=True)),
                ('window_time_zone', models.CharField(default='UTC', max_length=64)),
                ('lifetime', models.DurationField(blank=True, null=True)),
                ('retry_first', models.DurationField(blank=True, null=True)),
                ('retry_longest', models.DurationField(blank=True, null=True)),
                ('max_recipients', models.PositiveIntegerField(blank=True, null=True)),
                ('unsubscribe', models.CharField(choices=[('none', 'None'), ('one-click', 'One click')], default='none', max_length=10)),
                ('takes_lifetime_header', models.BooleanField(default=False)),
                ('bulk_pace_per_minute', models.PositiveIntegerField(blank=True, null=True)),
                ('changed_at', models.DateTimeField(null=True)),
            ],
            options={
                'permissions': [('change_policy', 'Can change the policies of mail types')],
                'constraints': [models.CheckConstraint(condition=models.Q(('mail_type__in', ['trigger', 'batch'])), name='policy_mail_type'), models.CheckConstraint(condition=models.Q(models.Q(('window_closes', None), ('window_opens', None)), models.Q(('window_closes__isnull', False), ('window_opens__isnull', False), models.Q(('window_opens', models.F('window_closes')), _negated=True)), _connector='OR'), name='policy_window_whole'), models.CheckConstraint(condition=models.Q(('lifetime', None), ('lifetime__gt', datetime.timedelta(0)), _connector='OR'), name='policy_lifetime_positive')],
            },
        ),
        migrations.RunPython(write_defaults, migrations.RunPython.noop),
    ]
