"""Celery's part in the gateway: reports to senders, and forgetting."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from smtp_gateway.reports import delays, reporter
from smtp_gateway.smtp_sessions import store

_ROUNDS = 50


@shared_task
def make_due_reports() -> None:
    """Tells senders what became of their mail. Several at once share the work."""
    for _ in range(_ROUNDS):
        if not reporter.make_due_reports():
            return


@shared_task
def find_delayed_mail() -> None:
    """Has senders warned of what waits for long."""
    delays.find_delayed_mail()


@shared_task
def prune_smtp_sessions() -> None:
    """What each gateway process keeps of an address is bounded already; this bounds all of them."""
    oldest = timezone.now() - settings.SMTP_SESSION_LIFETIME
    store.prune(before=oldest, most=settings.SMTP_SESSIONS_KEPT)
