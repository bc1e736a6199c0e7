"""Celery's part in keeping sender addresses."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from senders import dkim_services, services


@shared_task
def purge_unused_verifications() -> None:
    """A day after the last request, so that deleting an address cannot shorten the cool-down."""
    services.purge_unused_verifications(before=timezone.now() - timedelta(days=1))


@shared_task
def reseal_dkim_keys() -> None:
    """A former SECRET_KEY is a fallback for a fortnight only: no key may need it by then."""
    dkim_services.reseal_dkim_keys()
