"""Celery's part in an invitation: handing its mail to the queue."""

import logging

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from directmail.invitations.mail import invitation_mail
from directmail.models import Invitation
from verification.publishing import publish

log = logging.getLogger(__name__)


@shared_task
def send_invitation_mail(invitation_id: int) -> None:
    """Sends the newest link of an invitation. Run twice, it sends once."""
    with transaction.atomic():
        waiting = Invitation.objects.waiting_for_mail(timezone.now()).select_for_update()
        invitation = waiting.filter(pk=invitation_id).first()
        if invitation is None:
            return
        invitation.mailed_at = timezone.now()
        invitation.save(update_fields=["mailed_at"])
        # The queue is in the same database: mail and note of it are committed together.
        with translation.override(invitation.language or settings.LANGUAGE_CODE):
            mail = invitation_mail(invitation)
        mail.send()


@shared_task
def send_waiting_invitations() -> None:
    """Sends what a lost task left unsent; a mail that fails holds up none behind it."""
    waiting = Invitation.objects.waiting_for_mail(timezone.now()).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        try:
            send_invitation_mail(pk)
        except Exception:
            log.exception("invitation.mail_not_queued", extra={"invitation_id": pk})


def queue_invitation_mail(invitation_id: int) -> None:
    """Starts the task; with the broker away, `send_waiting_invitations` finds the row instead."""
    publish(send_invitation_mail, invitation_id)
