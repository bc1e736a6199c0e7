"""Verifications in the state that a test is about."""

from datetime import datetime

from verification import services
from verification.links import Token, make_token
from verification.models import Verification


def make_verification(
    subject: str = "news@example.com", mailbox: str = "help@example.com"
) -> Verification:
    return services.open_verification(subject=subject, mailbox=mailbox)


def make_requested(now: datetime, **names: str) -> tuple[Verification, str]:
    """A verification whose link was asked for at `now`, and the text of the link."""
    verification = make_verification(**names)
    services.request_link(verification, now=now)
    return verification, make_token(Token(verification.pk, verification.link_id))
