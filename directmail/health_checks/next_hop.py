"""Where mail leaves to, and how the last attempts went there."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from directmail.health_checks.network import Place
from directmail.health_checks.values import Facts, Result
from smtp_gateway.models import Attempt, AttemptOutcome, Route, RouteKind
from smtp_gateway.relay.next_hop import InvalidRelayUrl, parse_relay_url

_LOOKED_AT = 100
_FRESH = timedelta(minutes=10)
_MOST_PLACES = 5
_TRIED = (
    AttemptOutcome.RELAYED, AttemptOutcome.DEFERRED, AttemptOutcome.BOUNCED,
    AttemptOutcome.UNCERTAIN,
)  # fmt: skip
# The next hop itself, and not a mail or a recipient that it did not like.
_ITS_TROUBLE = {
    "next-hop-unreachable", "next-hop-connection-lost", "next-hop-timeout", "next-hop-tls-failed",
    "next-hop-auth-failed", "next-hop-protocol-error", "next-hop-refused-connection", "dns-failed",
}  # fmt: skip


def by_outcomes() -> Result | None:
    """By the last attempts, if there were any lately; None: nothing can be said by them."""
    since = timezone.now() - _FRESH
    newest = Attempt.objects.order_by("-id").values_list("outcome", "next_hop", "reason_code", "at")
    tried = [row for row in newest[:_LOOKED_AT] if row[0] in _TRIED and row[1] and row[3] >= since]
    tried = [row for row in tried if row[1] != "local mailbox"]
    if not tried:
        return None
    failed = [row for row in tried if row[2] in _ITS_TROUBLE]
    facts: Facts = {"number": len(tried), "failed": len(failed)}
    if len(failed) * 2 > len(tried):
        return Result("next-hop", "bad", "next-hop.failing", {**facts, "name": failed[0][1]})
    if failed:
        return Result("next-hop", "warn", "next-hop.partly", {**facts, "name": failed[0][1]})
    return Result("next-hop", "ok", "next-hop.taking", facts)


def places() -> Sequence[Place]:
    """Those that can be asked: RELAY_URL's and the smarthosts of the routes that are on."""
    hosts = Route.objects.filter(is_enabled=True, kind=RouteKind.SMARTHOST)
    found: list[Place] = list(hosts.values_list("host", "port"))
    try:
        if settings.RELAY_URL:
            hop = parse_relay_url(settings.RELAY_URL, verify_tls=False)
            found.append((hop.host, hop.port))
    except InvalidRelayUrl:
        pass
    return list(dict.fromkeys(found))[:_MOST_PLACES]


def leads_out() -> bool:
    """Whether any mail leaves this machine."""
    other = Route.objects.filter(is_enabled=True).exclude(kind=RouteKind.MAILBOX)
    return bool(settings.RELAY_URL) or other.exists()
