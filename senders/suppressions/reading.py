"""What pages ask of suppressions."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count

from senders.suppression import Reason, Suppression
from senders.suppressions.looking_up import keys
from senders.suppressions.target import target_of_recipient, targets_of

MOST_COUNTED = 10_000


def holding(
    *, recipient: str, sender_address: str, mail_type: str, now: datetime
) -> Suppression | None:
    """What stops mail of this sender to this recipient; None: nothing."""
    targets = targets_of(target_of_recipient(recipient))
    rows = Suppression.objects.living(now).filter(
        key__in=keys(sender_address, mail_type, recipient),
        target__in=targets,
        sender_address__in=("", sender_address),
        mail_type__in=("", mail_type),
    )
    found = sorted(rows, key=lambda row: (targets.index(row.target), row.created_at))
    return found[0] if found else None


def counts_of_sender(address: str, now: datetime) -> Mapping[str, int]:
    """How many get no mail of this sender address alone, by reason; at most MOST_COUNTED in all."""
    rows = Suppression.objects.living(now).of_sender(address).order_by("-id")
    some = rows.values_list("pk", flat=True)[:MOST_COUNTED]
    counted = (
        Suppression.objects.filter(pk__in=some).order_by().values("reason").annotate(n=Count("pk"))
    )
    counts = {row["reason"]: row["n"] for row in counted}
    return {reason: counts[reason] for reason in Reason.values if reason in counts}
