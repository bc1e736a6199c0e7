"""Celery's part in keeping sender addresses."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from senders import services


@shared_task
def purge_unused_verifications() -> None:
    """A day after the last request, so that deleting an address cannot shorten the cool-down."""
    services.purge_unused_verifications(before=timezone.now() - timedelta(days=1))
