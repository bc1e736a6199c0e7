"""Recipients of mail that does not come by SMTP: counted in the transaction of the mail."""

from datetime import datetime

from django.db.models import F

from smtp_gateway.mail_policy import Quota
from smtp_gateway.models import QuotaCount
from smtp_gateway.quota.values import QuotaReached, Window, reached, windows_of


class OverQuota(Exception):
    """Nothing was counted; `reached` says what is full and until when."""

    def __init__(self, reached: QuotaReached) -> None:
        super().__init__(f"{reached.most} recipients per {reached.period}")
        self.reached = reached


def charge(*, address: str, mail_type: str, quota: Quota, recipients: int, now: datetime) -> None:
    """Counts them until the transaction is rolled back. Raises OverQuota."""
    windows = windows_of(address, mail_type, quota, now)
    QuotaCount.objects.bulk_create(map(_row, windows), ignore_conflicts=True)
    rows = {
        (row.subject, row.period, row.starts_at): row
        # In the order in which everybody locks them.
        for row in QuotaCount.objects.select_for_update()
        .filter(subject__in={window.subject for window in windows})
        .filter(starts_at__in={window.starts_at for window in windows})
        .order_by("id")
    }
    mine = [rows[window.subject, window.period, window.starts_at] for window in windows]
    if full := reached(windows, [row.taken for row in mine], recipients):
        raise OverQuota(full)
    ids = [row.pk for row in mine]
    QuotaCount.objects.filter(pk__in=ids).update(taken=F("taken") + recipients)


def _row(window: Window) -> QuotaCount:
    return QuotaCount(subject=window.subject, period=window.period, starts_at=window.starts_at)
