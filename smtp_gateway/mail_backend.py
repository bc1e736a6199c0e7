"""Django's e-mail backend: DirectMail's own mail takes the queue, like any other."""

from collections.abc import Sequence
from email.utils import parseaddr

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage, sanitize_address

from smtp_gateway.compose import submit_composed


class QueueBackend(BaseEmailBackend):
    """Queues each mail as origin `system`, in the trigger lane."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent = [mail for mail in email_messages if mail.recipients()]
        for mail in sent:
            submit_composed(
                mail.message(),
                origin="system",
                mail_type="trigger",
                mail_from=parseaddr(sanitize_address(mail.from_email, "utf-8"))[1],
                recipients=mail.recipients(),
            )
        return len(sent)
