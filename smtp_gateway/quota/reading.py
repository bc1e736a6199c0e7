"""How much of its quotas an address has used, to the recipient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, Sum

from smtp_gateway.mail_policy import Quota
from smtp_gateway.models import QuotaCount, QuotaLease
from smtp_gateway.quota.values import NO_LIMIT, QuotaReached, Window, reached, windows_of


@dataclass(frozen=True, slots=True)
class Used:
    """Recipients accepted in one window, since the brake was put on where there is one.

    `most`: None: as many as come.
    """

    window: Window
    count: int
    most: int | None

    @property
    def percent(self) -> int:
        """Of the quota, at most 100."""
        return 0 if not self.most else min(100, self.count * 100 // self.most)

    @property
    def is_full(self) -> bool:
        return self.most is not None and self.count >= self.most


def usage_of(address: str, mail_type: str, quota: Quota, now: datetime) -> list[Used]:
    """Of the address in this hour and this day, then of its mail type."""
    windows = windows_of(address, mail_type, quota, now)
    subjects = {window.subject for window in windows}
    starts = {window.starts_at for window in windows}
    taken = {
        (row.subject, row.period, row.starts_at): row.taken
        for row in QuotaCount.objects.filter(subject__in=subjects, starts_at__in=starts)
    }
    return [
        _used(window, taken.get((window.subject, window.period, window.starts_at), 0))
        for window in windows
    ]


def room_for(used: Sequence[Used], recipients: int) -> QuotaReached | None:
    """Which of all windows of an address has no room for so many more; None: all have."""
    counts = [each.count + each.window.before for each in used]
    return reached([each.window for each in used], counts, recipients)


def _used(window: Window, taken: int) -> Used:
    return Used(
        window,
        max(0, taken - _held(window) - window.before),
        None if window.most >= NO_LIMIT else window.most - window.before,
    )


def _held(window: Window) -> int:
    """What workers of gateways may accept yet: it is taken, but not used."""
    leases = QuotaLease.objects.filter(
        Q(hour__gte=window.starts_at, hour__lt=window.ends_at),
        **{
            "sender_address" if window.whose == "address" else "mail_type": (
                window.subject.partition(":")[2]
            )
        },
    )
    return int(leases.aggregate(unused=Sum(F("granted") - F("used")))["unused"] or 0)
