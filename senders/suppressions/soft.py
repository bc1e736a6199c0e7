"""Bounces that may pass, such as a full mailbox: days on which mail failed, until they are many."""

from datetime import UTC, date, datetime

from django.db import transaction

from senders.suppression import Reason, SoftBounce, Suppression
from senders.suppressions.rules_in_force import rules_in_force
from senders.suppressions.services import suppress
from senders.suppressions.target import target_of_recipient


def note_soft_bounce(
    *,
    recipient: str,
    now: datetime,
    evidence: str = "",
    category: str = "",
    queue_id: str = "",
    sender_address: str = "",
) -> Suppression | None:
    """Counts the day; on the day that is one too many the recipient gets no mail for a while.

    Several mails on one day are one day: what is full in the morning is full at noon.
    """
    rules, target = rules_in_force(), target_of_recipient(recipient)
    with transaction.atomic():
        SoftBounce.objects.bulk_create(
            [SoftBounce(target=target, on=_day(now))], ignore_conflicts=True
        )
        days = SoftBounce.objects.filter(target=target, on__gt=_day(now - rules.soft_window))
        if days.count() < rules.soft_days:
            return None
        # The next time it takes as many days again.
        SoftBounce.objects.filter(target=target).delete()
        earlier = Suppression.objects.filter(
            target=target, reason=Reason.SOFT, created_at__gt=now - rules.soft_memory
        ).count()
        return suppress(
            reason=Reason.SOFT,
            recipient_or_domain=target,
            sender_address=sender_address,
            evidence=evidence,
            category=category,
            queue_id=queue_id,
            expires_at=now + rules.soft_time_after(earlier),
            now=now,
        )


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
