"""The page that an operator sees first: what happened, what waits, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from directmail.activity_chart import draw
from senders.models import SenderAddress
from smtp_gateway import statistics
from smtp_gateway.models import Route, RouteKind
from smtp_gateway.relay.next_hop import InvalidRelayUrl, parse_relay_url


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do in a new installation; the template knows its words by `name`."""

    name: str
    is_done: bool


@require_safe
def overview(request: HttpRequest) -> TemplateResponse:
    now = timezone.now()
    activity = statistics.activity(now)
    kinds = list(Route.objects.filter(is_enabled=True).values_list("kind", flat=True))
    leads_out = bool(settings.RELAY_URL) or any(kind != RouteKind.MAILBOX for kind in kinds)
    steps = _steps(leads_out=leads_out)
    context = {
        "now": now,
        "today": activity.today,
        "hours": activity.hours,
        "chart": draw(activity.hours),
        "lanes": statistics.lanes(),
        "next_hop": _next_hop(),
        "route_count": len(kinds),
        "leads_out": leads_out,
        "keeps_unverified": leads_out and not settings.ALLOW_UNVERIFIED_DOMAINS,
        "steps": steps,
        "steps_left": sum(not step.is_done for step in steps),
        "smtp": {
            "hostname": settings.SMTP_CLIENT_HOST,
            "port": settings.SMTP_PORT,
            "tls_port": settings.SMTPS_PORT,
        },
        "time_zone": timezone.get_current_timezone_name(),
    }
    return TemplateResponse(request, "overview.html", context)


def _steps(*, leads_out: bool) -> Sequence[Step]:
    """In the order in which they are done."""
    exists = SenderAddress.objects.exists()
    proven = SenderAddress.objects.filter(reply_to_verification__confirmed_at__isnull=False)
    with_password = SenderAddress.objects.with_smtp(timezone.now())
    return [
        Step("address", exists),
        Step("reply_to", proven.exists()),
        Step("password", with_password.exists()),
        Step("mail", statistics.has_submitted_mail()),
        Step("next_hop", leads_out),
    ]


def _next_hop() -> str:
    """Where mail goes, without credentials; empty: the local mailbox."""
    if not settings.RELAY_URL:
        return ""
    try:
        return str(parse_relay_url(settings.RELAY_URL, verify_tls=settings.RELAY_VERIFY_TLS))
    except InvalidRelayUrl as error:
        return str(error)
