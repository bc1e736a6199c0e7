"""Celery's part in the gateway: forgetting."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from smtp_gateway.smtp_sessions import store


@shared_task
def prune_smtp_sessions() -> None:
    """What each gateway process keeps of an address is bounded already; this bounds all of them."""
    oldest = timezone.now() - settings.SMTP_SESSION_LIFETIME
    store.prune(before=oldest, most=settings.SMTP_SESSIONS_KEPT)
