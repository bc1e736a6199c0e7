"""Mail that DirectMail composes itself: into the same queue, without SMTP in between."""

import functools
from collections.abc import Sequence
from email.message import EmailMessage, Message
from email.policy import SMTP

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from smtp_gateway import queue, wake
from smtp_gateway.identity import MailType
from smtp_gateway.queue_id import new_queue_id


def submit_composed(
    mail: EmailMessage | Message,
    *,
    origin: queue.ComposedOrigin,
    mail_type: MailType,
    mail_from: str,
    recipients: Sequence[str],
    sender_address: str = "",
) -> str:
    """Queues `mail` and returns its queue id; durable when the surrounding transaction commits."""
    now = timezone.now()
    content = mail.as_bytes(policy=SMTP)
    submission = queue.Submission(
        queue_id=new_queue_id(),
        origin=origin,
        mail_type=mail_type,
        sender_address=sender_address,
        mail_from=mail_from,
        recipients=recipients,
        content=content,
        accepted_at=now,
        expires_at=now + settings.MAIL_LIFETIME[mail_type],
        message_id=str(mail["Message-ID"] or ""),
        subject=str(mail["Subject"] or ""),
        is_8bit=not content.isascii(),
    )
    queue.accept([submission])
    transaction.on_commit(functools.partial(wake.send_hint))
    return submission.queue_id
