"""Celery's part in keeping sender addresses."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from senders import credential_services, dkim_services, services
from senders.audit.forgetting import forget_entries
from senders.suppressions import bringing, ending

_ROUNDS = 50
# Long enough to find out who still uses an old password, even one that comes once a quarter.
_ENDED_CREDENTIALS_KEPT = timedelta(days=90)


@shared_task
def purge_unused_verifications() -> None:
    """A day after the last request, so that deleting an address cannot shorten the cool-down."""
    services.purge_unused_verifications(before=timezone.now() - timedelta(days=1))


@shared_task
def forget_ended_credentials() -> None:
    """SMTP passwords that ended long ago, but the last of each address."""
    before = timezone.now() - _ENDED_CREDENTIALS_KEPT
    credential_services.forget_ended_credentials(before=before)


@shared_task
def reseal_dkim_keys() -> None:
    """A former SECRET_KEY is a fallback for a fortnight only: no key may need it by then."""
    dkim_services.reseal_dkim_keys()


@shared_task
def forget_audit_entries() -> None:
    """What happened longer ago than the audit log is to tell."""
    before = timezone.now() - settings.AUDIT_LIFETIME
    for _ in range(_ROUNDS):
        if not forget_entries(before=before):
            return


@shared_task
def end_suppressions() -> None:
    """Those whose time is over, and the days of soft bounces that count no more."""
    for _ in range(_ROUNDS):
        if not ending.end_expired():
            break
    ending.forget_soft_bounces(timezone.now())
    bringing.forget_lists(timezone.now())
