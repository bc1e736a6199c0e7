"""Mail that was relayed, and what comes back about it."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from smtp_gateway.models import Delivery, ReturnedMail
from smtp_gateway.returns.acting import read_next
from tests.smtp_gateway.inbound.speaking import address_of
from tests.smtp_gateway.mails import attempt_all, make_mail
from tests.smtp_gateway.returns.test_corpus import raw_of

UNKNOWN = "postfix-user-unknown"
FULL = "postfix-mailbox-full-after-days"


def make_relayed(recipient: str = "maria@example.net", **fields: Any) -> Delivery:
    """A delivery that a next hop took."""
    queue_id = make_mail(recipients=[recipient], **fields)
    attempt_all("relayed", lane=fields.get("mail_type", "trigger"), reply="250 2.0.0 Ok")
    return Delivery.objects.get(message__queue_id=queue_id)


def make_waiting(
    raw: bytes, delivery_id: int | None, *, to: str = "", at: datetime | None = None
) -> ReturnedMail:
    """As the inbound side leaves it."""
    return ReturnedMail.objects.create(
        received_at=at or timezone.now(),
        raw=raw,
        size_bytes=len(raw),
        to_address=to or address_of(delivery_id or 0),
        client_ip="192.0.2.25",
        delivery_id=delivery_id,
    )


def come_back(name: str, delivery: Delivery, **fields: Any) -> ReturnedMail:
    """A mail of the corpus comes back about that delivery, and is read."""
    row = make_waiting(raw_of(name), delivery.pk, **fields)
    read_all()
    delivery.refresh_from_db()
    row.refresh_from_db()
    return row


def read_all() -> int:
    """Reads what waits; how many."""
    number = 0
    while read_next():
        number += 1
    return number
