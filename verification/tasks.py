"""Celery's part in a verification: handing its mail to the queue."""

import logging

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from verification.mail import link_mail
from verification.models import MailState, Verification
from verification.publishing import publish

log = logging.getLogger(__name__)


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
        with translation.override(verification.language or settings.LANGUAGE_CODE):
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
    publish(send_link_mail, verification_id)
