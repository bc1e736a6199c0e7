from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('senders', '0012_passwords_become_credentials'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='senderaddress',
            name='previous_smtp_password_hash',
        ),
        migrations.RemoveField(
            model_name='senderaddress',
            name='smtp_password_hash',
        ),
    ]
