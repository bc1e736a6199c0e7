"""Mail for the queue, without SMTP."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Delivery
from smtp_gateway.paces import Paces
from smtp_gateway.queue_id import new_queue_id

CONTENT = b"Subject: Hello\r\n\r\nHello.\r\n"


def make_submission(*recipients: str, **changes: object) -> queue.Submission:
    now = timezone.now()
    values: dict[str, object] = {
        "queue_id": new_queue_id(), "origin": "smtp", "mail_type": "trigger",
        "sender_address": "app@example.com", "mail_from": "app@example.com",
        "recipients": recipients or ("to@example.net",), "content": CONTENT,
        # Due already: within the transaction of a test the database's clock stands still.
        "accepted_at": now - timedelta(minutes=1), "expires_at": now + timedelta(days=1),
    }  # fmt: skip
    return queue.Submission(**{**values, **changes})  # type: ignore[arg-type]


def enqueue(*recipients: str, **changes: object) -> str:
    """Accepts one mail; returns its queue id."""
    submission = make_submission(*recipients, **changes)
    queue.accept([submission])
    return submission.queue_id


def lease(relay_id: int, *, lane: str = "trigger", limit: int = 100) -> list[queue.LeasedDelivery]:
    """Takes up to `limit` due deliveries into that relay's hand, without their contents; batch mail
    gets its slots before.
    """
    if lane == "batch":
        queue.give_slots(Paces(), unpaced=limit)
        queue.give_slots(Paces(), unpaced=limit)
    taken = queue.take(relay_id=relay_id, lane=lane, limit=limit, small_bytes=-1)  # type: ignore[arg-type]
    return taken[0]


def states(queue_id: str) -> Sequence[tuple[str, str]]:
    """Recipient and state of each delivery of a mail."""
    deliveries = Delivery.objects.filter(message__queue_id=queue_id).order_by("recipient")
    return list(deliveries.values_list("recipient", "state"))
