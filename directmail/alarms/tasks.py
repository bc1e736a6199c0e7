"""Celery's part in alarms."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from directmail.alarms.mail import tell_operators
from senders.models import Standing


@shared_task
def send_due_alarms() -> None:
    """Tells of those that are due, each once: the queue is in the same database."""
    for pk in Standing.objects.filter(alarm_due_at__isnull=False).values_list("pk", flat=True):
        with transaction.atomic():
            due = Standing.objects.filter(pk=pk, alarm_due_at__isnull=False)
            locked = due.select_for_update(skip_locked=True, of=("self",))
            standing = locked.select_related("sender").first()
            if standing is None:
                continue
            if standing.brake or standing.warning:
                tell_operators(standing)
            standing.alarm_due_at, standing.alarmed_at = None, timezone.now()
            standing.save(update_fields=["alarm_due_at", "alarmed_at"])
