"""A message of a sender that is ready, and what is told of it."""

from django.utils import timezone

from senders import dkim_services
from senders.dkim_key import Algorithm, DkimKey
from senders.models import SenderAddress
from senders.services import set_smtp_password
from smtp_gateway.directory import find_senders
from smtp_gateway.preview.answering import answer
from smtp_gateway.preview.values import Asked, Line
from tests.senders.factories import PASSWORD, make_sender

A = "a@example.com"
MAIL = b"From: a@example.com\r\nTo: b@example.net\r\nSubject: Hello\r\n\r\nHello.\r\n"


def make_ready(mail_type: str = "trigger") -> SenderAddress:
    sender = make_sender(A, mail_type=mail_type)
    set_smtp_password(sender, password=PASSWORD)
    return sender


def told(
    sender: SenderAddress, *recipients: str, content: bytes = MAIL, size_bytes: int = 0
) -> dict[str, dict[str, Line]]:
    """By section and title."""
    asked = Asked(
        find_senders([sender.address])[sender.address], recipients or ("b@example.net",), content,
        size_bytes or len(content), timezone.now(),
    )  # fmt: skip
    return {
        section.name: {line.title: line for line in section.lines}
        for section in answer(sender, asked)
    }


def make_key(domain: str = "example.com") -> DkimKey:
    sealed, public = dkim_services._ed25519_pair()
    now = timezone.now()
    key: DkimKey = DkimKey.objects.create(
        domain=domain, selector="dm1", algorithm=Algorithm.ED25519, sealed_private_key=sealed,
        public_key=public, created_at=now, activated_at=now,
    )  # fmt: skip
    return key
