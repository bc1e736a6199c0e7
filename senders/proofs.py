"""What the audit log tells of mailboxes whose owners confirmed them."""

from django.http import HttpRequest

from senders.audit.recording import record
from senders.audit.requests import mailbox_owner
from senders.audited import target_of
from senders.models import SenderAddress
from verification.mail_address import display
from verification.models import Verification


def record_confirmation(request: HttpRequest, proof: Verification) -> None:
    """For each sender address whose reply-to is proven by it."""
    owner = mailbox_owner(request, display(proof.mailbox))
    for sender in SenderAddress.objects.filter(reply_to_verification=proof):
        record(
            owner,
            action="sender_address.reply_to_confirmed",
            on=target_of(sender),
            after={"reply_to": sender.reply_to_address},
        )
