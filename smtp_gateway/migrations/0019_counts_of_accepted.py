
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('smtp_gateway', '0018_ended_without_kept'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='dailycount',
            index=models.Index(condition=models.Q(('outcome', 'accepted')), fields=['begin'], name='daily_count_accepted'),
        ),
        migrations.AddIndex(
            model_name='hourlycount',
            index=models.Index(condition=models.Q(('outcome', 'accepted')), fields=['begin'], name='hourly_count_accepted'),
        ),
    ]
