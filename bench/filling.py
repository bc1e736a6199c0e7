"""Fills the queue of a running DirectMail; for `manage.py shell`."""

from datetime import datetime, timedelta

from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.identity import MailType
from smtp_gateway.queue_id import new_queue_id

_BATCH = 500


def fill(number: int, *, lane: MailType, size_bytes: int, sender: str) -> None:
    """So many mails of one sender, to a recipient each, all due now."""
    head = f"From: {sender}\r\nSubject: backlog\r\nX-Load-Id: fill-"
    for start in range(0, number, _BATCH):
        now = timezone.now()
        queue.accept(
            [
                _submission(f"{head}{lane}-{each}\r\n\r\n".encode(), lane, size_bytes, sender, now)
                for each in range(start, min(start + _BATCH, number))
            ]
        )


def _submission(
    head: bytes, lane: MailType, size_bytes: int, sender: str, now: datetime
) -> queue.Submission:
    return queue.Submission(
        queue_id=new_queue_id(),
        origin="smtp",
        mail_type=lane,
        sender_address=sender,
        mail_from=sender,
        recipients=["to@example.net"],
        content=head + b"x" * max(0, size_bytes - len(head) - 2) + b"\r\n",
        accepted_at=now,
        expires_at=now + timedelta(hours=12),
    )
