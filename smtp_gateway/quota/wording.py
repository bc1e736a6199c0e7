"""What the console says of quotas."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from smtp_gateway.quota.values import QuotaReached


def quota_words(reached: QuotaReached) -> str:
    """Which quota is used up, and when there is room again in the time zone of the page."""
    return " ".join((_which(reached), _until(reached)))


def _which(reached: QuotaReached) -> str:
    most = {"most": f"{reached.most:,}"}
    if reached.whose == "address" and reached.period == "hour":
        return _("This address has used its quota of %(most)s recipients an hour.") % most
    if reached.whose == "address":
        return _("This address has used its quota of %(most)s recipients a day.") % most
    if reached.period == "hour":
        return _("All addresses of this type have used their %(most)s recipients an hour.") % most
    return _("All addresses of this type have used their %(most)s recipients a day.") % most


def _until(reached: QuotaReached) -> str:
    time = date_format(localtime(reached.again_at), "DATETIME_FORMAT")
    return _("It works again at %(time)s.") % {"time": time}
