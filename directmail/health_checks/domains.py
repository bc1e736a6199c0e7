"""Whether the domains that mail is sent from still show that they are the organisation's own."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from directmail.health_checks.next_hop import leads_out
from directmail.health_checks.values import Facts, Result, State
from senders.models import SenderDomain

_NAMED = 3
_HOUR = timedelta(hours=1)


def sender_domains() -> Result:
    """Those that stopped first, then those that are about to."""
    now = timezone.now()
    known = list(SenderDomain.objects.ever_verified().defer("findings"))
    if stopped := [row for row in known if not row.counts(now)]:
        state: State = "warn" if settings.ALLOW_UNVERIFIED_DOMAINS else "bad"
        return Result("domains", state, "domains.stopped", {"names": _names(stopped)})
    if failing := [row for row in known if row.stops_at]:
        ends = min(row.stops_at for row in failing if row.stops_at)
        facts: Facts = {"names": _names(failing), "hours": max(1, round((ends - now) / _HOUR))}
        return Result("domains", "warn", "domains.failing", facts)
    return (
        Result("domains", "ok", "domains.ok", {"number": len(known)}) if known else _without_any()
    )


def _without_any() -> Result:
    if settings.ALLOW_UNVERIFIED_DOMAINS:
        return Result("domains", "ok", "domains.idle")
    # A new installation keeps all mail anyway, and is told so by another check.
    return Result("domains", "warn" if leads_out() else "ok", "domains.none")


def _names(rows: list[SenderDomain]) -> str:
    names = [row.display_domain for row in rows[:_NAMED]]
    return ", ".join([*names, "…"] if len(rows) > _NAMED else names)
