"""What the console says of quotas."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from senders.models import SenderAddress
from smtp_gateway.mail_policy import Quota
from smtp_gateway.quota.reading import Used, usage_of
from smtp_gateway.quota.values import QuotaReached

_NEARLY_PERCENT = 80


@dataclass(frozen=True, slots=True)
class ShownUse:
    """What is used of one quota, for a bar and in words. `most`: None: there is no quota."""

    count: int
    most: int | None
    words: str
    kind: str
    """Of the bar: `bad` where it is full, `wait` where it soon is."""


def usage_shown(sender: SenderAddress, quota: Quota, now: datetime) -> list[ShownUse]:
    """Of the address in this hour and today, and of its mail type where that has a quota."""
    used = usage_of(sender.address, sender.mail_type, quota, now)
    return [_shown(each) for each in used if each.most or each.window.whose == "address"]


def _shown(used: Used) -> ShownUse:
    kind = "bad" if used.is_full else "wait" if used.percent >= _NEARLY_PERCENT else "ok"
    return ShownUse(used.count, used.most, _use_words(used), kind)


def _use_words(used: Used) -> str:
    words = {"count": intcomma(used.count), "most": intcomma(used.most or 0)}
    if used.most is None and used.window.period == "hour":
        return _("%(count)s this hour") % words
    if used.most is None:
        return _("%(count)s today (UTC)") % words
    if used.window.before:
        if used.window.period == "hour":
            return _("%(count)s of %(most)s this hour since the brake") % words
        return _("%(count)s of %(most)s today (UTC) since the brake") % words
    if used.window.whose == "address":
        if used.window.period == "hour":
            return _("%(count)s of %(most)s this hour") % words
        return _("%(count)s of %(most)s today (UTC)") % words
    if used.window.period == "hour":
        return _("All of this type: %(count)s of %(most)s this hour") % words
    return _("All of this type: %(count)s of %(most)s today (UTC)") % words


def quota_words(reached: QuotaReached) -> str:
    """Which quota is used up, and when there is room again in the time zone of the page."""
    return " ".join((_which(reached), _until(reached)))


def _which(reached: QuotaReached) -> str:
    most = {"most": intcomma(reached.most)}
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
