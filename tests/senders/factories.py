"""Sender addresses in the state that a test is about."""

import itertools
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from directmail.models import Operator
from senders import services, smtp_password
from senders.models import SenderAddress
from senders.smtp_credential import MAIN_SLOT
from verification.links import Token, make_token
from verification.models import Verification

_numbers = itertools.count(1)

HTMX = {"HX-Request": "true"}
PASSWORD = "GoodPass1234"


def make_sender(address: str = "", **changes: Any) -> SenderAddress:
    """A sender address; `reply_to` and `mail_type` go to the service, the rest onto the row."""
    sender = services.create_sender_address(
        address=address or f"app{next(_numbers)}@example.com",
        mail_type=changes.pop("mail_type", "trigger"),
        reply_to=changes.pop("reply_to", ""),
        now=changes.pop("created_at", timezone.now()),
    )
    SenderAddress.objects.filter(pk=sender.pk).update(**changes)
    return reread(sender)


def make_verified_sender(address: str = "", reply_to: str = "help@example.com") -> SenderAddress:
    """One whose reply-to is proven."""
    sender = make_sender(address, reply_to=reply_to)
    asked = timezone.now() - timedelta(minutes=1)
    change_proof(sender, requested_at=asked, link_id="used", confirmed_at=timezone.now())
    return reread(sender)


def change_proof(sender: SenderAddress, **changes: Any) -> None:
    Verification.objects.filter(pk=sender.reply_to_verification_id).update(**changes)


def reread(sender: SenderAddress) -> SenderAddress:
    row: SenderAddress = SenderAddress.objects.select_related("reply_to_verification").get(
        pk=sender.pk
    )
    return row


def password_fits(sender: SenderAddress, password: str) -> bool:
    """Whether `password` is the SMTP password of the address."""
    main = sender.credentials.get(slot=MAIN_SLOT)
    return smtp_password.matches(password, main.password_hash)


def token_of(verification: Verification | None) -> str:
    """The text of the newest link of `verification`."""
    assert verification is not None
    return make_token(Token(verification.pk, verification.link_id))


def log_in(client: Client, role: str = "admin") -> Client:
    """`client` as an operator of that role."""
    email = f"operator{next(_numbers)}@example.com"
    client.force_login(Operator.objects.create_user(email, role=role, last_seen_at=timezone.now()))
    return client
