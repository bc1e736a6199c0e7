"""Django's e-mail backend: DirectMail's own mail takes the queue, like any other."""

import logging
from collections.abc import Sequence

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import DatabaseError, transaction

from smtp_gateway.compose import BadAddress, submit_composed

log = logging.getLogger(__name__)


class QueueBackend(BaseEmailBackend):
    """Queues each mail as origin `system`, in the trigger lane.

    A mail that has an attribute `expires_at` is given up then.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return sum(self._send(mail) for mail in email_messages if mail.recipients())

    def _send(self, mail: EmailMessage) -> bool:
        try:
            # A savepoint: a caller that asked for silence keeps its own transaction.
            with transaction.atomic():
                submit_composed(
                    mail.message(),
                    origin="system",
                    mail_type="trigger",
                    mail_from=mail.from_email,
                    recipients=mail.recipients(),
                    expires_at=getattr(mail, "expires_at", None),
                )
        except (BadAddress, DatabaseError) as error:
            if not self.fail_silently:
                raise
            log.warning("own_mail.not_queued", extra={"error": str(error).strip()})
            return False
        return True
