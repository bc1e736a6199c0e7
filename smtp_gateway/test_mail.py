"""A mail that an operator sends by hand, to see how mail of a sender address arrives."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from typing import cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from senders.audit.recording import record
from senders.audited import target_of
from senders.models import SenderAddress
from senders.suppression import Suppression
from senders.suppressions.reading import holding
from smtp_gateway.compose import submit_composed
from smtp_gateway.identity import MailType


class SenderSuspended(Exception):
    """Nothing is sent as a suspended address."""


class RecipientSuppressed(Exception):
    """Nothing is sent to a suppressed recipient; `row` says since when and why."""

    def __init__(self, row: Suppression) -> None:
        super().__init__(str(row))
        self.row = row


def default_subject(sender: SenderAddress) -> str:
    return _("Test mail from %(address)s") % {"address": sender.display_address}


def default_text(sender: SenderAddress) -> str:
    words = _(
        "This is a test mail from %(address)s, sent by hand in the console.\n\n"
        "It took the same way as every mail of this address. If you can read it, that way works.\n"
    )
    return words % {"address": sender.display_address}


def send_test_mail(sender: SenderAddress, *, recipient: str, subject: str, text: str) -> str:
    """Queues the mail in the lane of the sender address; returns its queue id.

    It carries the reply-to address if that is verified. Raises SenderSuspended and
    RecipientSuppressed.
    """
    with transaction.atomic():
        sender = SenderAddress.objects.select_for_update(of=("self",)).get(pk=sender.pk)
        if sender.suspended_at is not None:
            raise SenderSuspended
        _check_recipient(sender, recipient)
        queue_id = submit_composed(
            _compose(sender, recipient, subject, text),
            origin="console",
            mail_type=cast("MailType", sender.mail_type),
            mail_from=sender.address,
            recipients=[recipient],
            sender_address=sender.address,
        )
        told = {"recipient": recipient, "queue_id": queue_id}
        record(action="sender_address.test_mail_sent", on=target_of(sender), after=told)
    return queue_id


def _check_recipient(sender: SenderAddress, recipient: str) -> None:
    suppressed = holding(
        recipient=recipient,
        sender_address=sender.address,
        mail_type=sender.mail_type,
        now=timezone.now(),
    )
    if suppressed is not None:
        raise RecipientSuppressed(suppressed)


def _compose(sender: SenderAddress, recipient: str, subject: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = Address(addr_spec=sender.address)
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = subject or default_subject(sender)
    mail["Message-ID"] = make_msgid(domain=sender.address.rpartition("@")[2])
    if reply_to := sender.verified_reply_to:
        mail["Reply-To"] = Address(addr_spec=reply_to)
    mail.set_content(text or default_text(sender))
    return mail
