"""Celery's part in a change of address: handing its mails to the queue."""

import logging

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from directmail.email_change.notices import link_mail, tell_of_wish
from directmail.models import EmailChange
from verification.publishing import publish

log = logging.getLogger(__name__)


@shared_task
def send_email_change_mail(operator_id: int) -> None:
    """Sends the newest link, and tells the present address. Run twice, it sends once."""
    with transaction.atomic():
        waiting = EmailChange.objects.waiting_for_mail(timezone.now()).select_for_update()
        change = waiting.filter(pk=operator_id).first()
        if change is None:
            return
        change.mailed_at = timezone.now()
        change.save(update_fields=["mailed_at"])
        tell_of_wish(change)
        if change.is_taken():  # found out here, where nobody waits for the answer
            return
        with translation.override(change.language or settings.LANGUAGE_CODE):
            mail = link_mail(change)
        mail.send()


@shared_task
def send_waiting_email_changes() -> None:
    """Sends what a lost task left unsent; a mail that fails holds up none behind it."""
    waiting = EmailChange.objects.waiting_for_mail(timezone.now()).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        try:
            send_email_change_mail(pk)
        except Exception:
            log.exception("email_change.mail_not_queued", extra={"operator_id": pk})


def queue_email_change_mail(operator_id: int) -> None:
    """Starts the task; with the broker away, `send_waiting_email_changes` finds the row."""
    publish(send_email_change_mail, operator_id)
