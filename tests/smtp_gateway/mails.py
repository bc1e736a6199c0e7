"""Mails in the queue for the tests of pages, made by the functions that make them for real."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.queue_id import new_queue_id
from tests.smtp_gateway.queued import lease

PLAIN = b"From: app@example.com\r\nTo: anna@example.org\r\nSubject: Hello\r\n\r\nHello Anna.\r\n"


def make_mail(
    *,
    recipients: Sequence[str] = ("anna@example.org",),
    content: bytes = PLAIN,
    accepted_at: datetime | None = None,
    **fields: Any,
) -> str:
    """Accepts a mail; returns its queue id.

    By default a minute ago: within a test's transaction the database's clock stands still.
    """
    accepted_at = accepted_at or timezone.now() - timedelta(minutes=1)
    values: dict[str, Any] = {
        "queue_id": new_queue_id(),
        "origin": "smtp",
        "mail_type": "trigger",
        "sender_address": "app@example.com",
        "mail_from": "app@example.com",
        "message_id": "<1@example.com>",
        "subject": "Hello",
        "expires_at": accepted_at + timedelta(days=1),
    }
    submission = queue.Submission(
        **{**values, **fields}, recipients=recipients, content=content, accepted_at=accepted_at
    )
    queue.accept([submission])
    return submission.queue_id


def lease_all(lane: Any = "trigger") -> tuple[int, list[queue.LeasedDelivery]]:
    """A relay and everything that is due in its hand."""
    relay_id = queue.register_relay(host="relay.test", pid=1)
    return relay_id, lease(relay_id, lane=lane, limit=1000)


def attempt_all(name: Any, *, lane: Any = "trigger", **fields: Any) -> None:
    """One attempt at everything that is due, all with the same outcome."""
    relay_id, leased = lease_all(lane)
    values = {"at": timezone.now(), "route": "smarthost", "next_hop": "mx.example.net:25"}
    if name == "deferred":
        values["next_attempt_at"] = timezone.now() + timedelta(minutes=5)
    outcomes = [queue.Outcome(delivery, name, **{**values, **fields}) for delivery in leased]
    queue.record(relay_id=relay_id, outcomes=outcomes)


def catch_all() -> None:
    """Everything that is due lands in the local mailbox."""
    attempt_all("relayed", route="mailbox", next_hop="local mailbox", keep_in_mailbox=True)


def make_caught(content: bytes = PLAIN, **fields: Any) -> str:
    """A mail in the local mailbox; returns its queue id."""
    queue_id = make_mail(content=content, **fields)
    catch_all()
    return queue_id
