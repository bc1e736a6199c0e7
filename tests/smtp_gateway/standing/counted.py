"""Counts, as the worker adds them up, and what came back."""

from datetime import datetime, timedelta
from typing import Any

from senders.models import Suppression
from senders.suppressions.services import suppress
from smtp_gateway.models import DailyCount, HourlyCount, ReturnedMail


def count(address: str, outcome: str, recipients: int, at: datetime, *, reason: str = "") -> None:
    """Adds so many to the hour and the day of `at`."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    for model, begin in ((HourlyCount, hour), (DailyCount, hour.replace(hour=0))):
        row, is_new = model.objects.get_or_create(
            sender_address=address, begin=begin, mail_type="trigger", outcome=outcome,
            reason=reason,
            defaults=dict.fromkeys(("events", "recipients", "reason_recipients"), recipients),
        )  # fmt: skip
        if not is_new:
            row.events += recipients
            row.recipients += recipients
            row.reason_recipients += recipients
            row.save()


def count_day(address: str, at: datetime, *, relayed: int, hard_bounces: int = 0) -> None:
    """What was accepted at `at` and what became of it at once."""
    count(address, "accepted", relayed + hard_bounces, at)
    count(address, "relayed", relayed, at)
    if hard_bounces:
        count(address, "bounced", hard_bounces, at, reason="no-such-mailbox")


def come_back(
    address: str, at: datetime, *, kind: str, times: int, recipient: str = "r%d@example.net"
) -> None:
    """So many counted bounces (`failed`) or complaints; `%d` in `recipient`: another each time."""
    values: dict[str, Any] = {
        "received_at": at, "processed_at": at, "size_bytes": 1, "kind": kind, "is_counted": True
    }  # fmt: skip
    for _ in range(times):
        # None of those who have answered before.
        number = ReturnedMail.objects.count()
        ReturnedMail.objects.create(
            sender_address=address, to_address="b@x.example",
            recipient=recipient.replace("%d", str(number)), **values,
        )  # fmt: skip


def opt_out(address: str, at: datetime, *, times: int) -> list[Suppression]:
    return [
        suppress(
            reason="opt-out", recipient_or_domain=f"r{n}@example.net", sender_address=address,
            now=at,
        )
        for n in range(times)
    ]  # fmt: skip


def days_before(at: datetime, number: int) -> datetime:
    return at - timedelta(days=number)
