"""Celery's part in looking at sender domains."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from senders.domains import services
from senders.models import SenderDomain

_MOST_AT_ONCE = 200
# Whoever took a check and died is not waited for longer.
_TAKEN = timedelta(minutes=10)


@shared_task
def check_due_domains() -> None:
    """Has all those looked at whose time has come."""
    now = timezone.now()
    due = list(SenderDomain.objects.due(now).order_by("next_check_at")[:_MOST_AT_ONCE])
    for row in due:
        # Only as it was read: another worker may have taken it.
        same = SenderDomain.objects.filter(pk=row.pk, next_check_at=row.next_check_at)
        if same.update(next_check_at=now + _TAKEN):
            check_domain.delay(row.pk)


@shared_task
def check_domain(pk: int) -> None:
    """Safe to run twice: it says what is there."""
    services.check_domain(pk, now=timezone.now())
