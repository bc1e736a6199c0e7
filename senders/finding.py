"""Finds what somebody names at the command line. Raises CommandError where there is none such."""

from django.core.management.base import CommandError

from senders.models import SenderAddress
from verification.mail_address import InvalidMailAddress, normalize


def find_sender(text: str) -> SenderAddress:
    """The sender address that `text` names, as people may write it."""
    try:
        address = normalize(text)
    except InvalidMailAddress as error:
        raise CommandError(str(error)) from None
    sender: SenderAddress | None = SenderAddress.objects.filter(address=address).first()
    if sender is None:
        raise CommandError(f"There is no sender address {address}.")
    return sender
