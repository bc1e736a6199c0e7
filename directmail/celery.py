"""The Celery application: all work that is not the hot path of a mail."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directmail.settings")

app = Celery("directmail")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["directmail.accounts", "directmail.email_change", "directmail.invitations"])
app.autodiscover_tasks(["directmail.alarms", "senders.domains"])
