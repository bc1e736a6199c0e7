
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('senders', '0020_suppression_lists'),
        ('verification', '0002_mail_state'),
    ]

    operations = [
        migrations.AddField(
            model_name='senderaddress',
            name='bulk_evidence',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='senderaddress',
            name='bulk_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='senderaddress',
            name='reply_to_on_smtp',
            field=models.CharField(choices=[('original', 'As the application has it'), ('add', 'Added where the mail has none'), ('require', 'The verified one or none')], db_default='original', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='senderaddress',
            constraint=models.CheckConstraint(condition=models.Q(('reply_to_on_smtp__in', ['original', 'add', 'require'])), name='sender_address_reply_to_on_smtp'),
        ),
    ]
