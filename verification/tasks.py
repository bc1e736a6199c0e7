"""Celery's part in a verification: handing its mail to the queue."""

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from verification.mail import link_mail
from verification.models import MailState, Verification

log = logging.getLogger(__name__)

# Somebody waits for the page, and the sweep comes anyway. The worker's own blocking reads need the
# longer times of the settings, so this is for a connection of one publication.
_IMPATIENT = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "connect_retries_timeout": 1,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}


@shared_task
def send_link_mail(verification_id: int) -> None:
    """Sends the newest link of a verification. Run twice, it sends once."""
    with transaction.atomic():
        verification = (
            Verification.objects.waiting_for_mail(timezone.now())
            .select_for_update()
            .filter(pk=verification_id)
            .first()
        )
        if verification is None:
            return
        mail = link_mail(verification)
        verification.mail_message_id = mail.extra_headers["Message-ID"]
        verification.mail_state = MailState.QUEUED
        verification.save(update_fields=["mail_message_id", "mail_state"])
        # The queue is in the same database: mail and note of it are committed together.
        mail.send()


@shared_task
def send_waiting_mails() -> None:
    """Sends what a lost task left unsent; a mail that fails holds up none behind it."""
    waiting = Verification.objects.waiting_for_mail(timezone.now()).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        try:
            send_link_mail(pk)
        except Exception:
            log.exception("verification.mail_not_queued", extra={"verification_id": pk})


def queue_link_mail(verification_id: int) -> None:
    """Starts the task; with the broker away, `send_waiting_mails` finds the row instead."""
    try:
        with send_link_mail.app.connection_for_write(transport_options=_IMPATIENT) as connection:
            send_link_mail.apply_async([verification_id], retry=False, connection=connection)
    except OperationalError:
        log.warning("verification.broker_away", extra={"verification_id": verification_id})
