"""Whose mail people want stopped. For a sender address that does not exist, nothing would be."""

from django.utils.translation import gettext as _

from senders.errors import InvalidField
from senders.models import SenderAddress
from verification.mail_address import InvalidMailAddress, display, normalize


def sender_form(typed: str) -> str:
    """A sender address as it is stored, however it was typed; what is none stays as it is."""
    try:
        return normalize(typed)
    except InvalidMailAddress:
        return typed.strip().lower()


def is_sender(address: str) -> bool:
    """Whether there is such a sender address."""
    return SenderAddress.objects.filter(address=address).exists()


def no_such_sender(address: str) -> InvalidField:
    """What is said where there is none."""
    text = _("There is no sender address %(address)s, so no mail would be stopped.")
    return InvalidField("sender_address", text % {"address": display(address)})


def check_sender(address: str) -> None:
    """Empty is right: it is nobody's in particular. Raises InvalidField."""
    if address and not is_sender(address):
        raise no_such_sender(address)
