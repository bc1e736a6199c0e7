"""The page that an operator sees first: what happened, what waits, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from directmail.health_checks import running
from directmail.health_checks.values import Result, worst
from directmail.health_checks.wording import shown
from directmail.overview_numbers import numbers
from directmail.overview_queue import queue
from directmail.tasks import check_health
from senders.models import SenderAddress
from smtp_gateway import queue_survey
from smtp_gateway.models import Route, RouteKind
from smtp_gateway.relay.next_hop import InvalidRelayUrl, parse_relay_url
from smtp_gateway.rollups import reading
from smtp_gateway.rollups.periods import period
from verification.publishing import publish

Words = str | Promise

PERIODS: dict[str, Words] = {"24h": _("24 hours"), "7d": _("7 days"), "30d": _("30 days")}
_FIRST = "24h"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do in a new installation; the template knows its words by `name`."""

    name: str
    is_done: bool


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """`period`: one of PERIODS. `seen`: what the page shows; 204 while it is still so."""
    version = f"{reading.version()}-{timezone.now():%H%M}"
    if request.GET.get("seen") == version:
        return HttpResponse(status=204)
    context = {**_numbers(request, version), **_health(), **_next_hop(), "queue": queue()}
    if not getattr(request, "htmx", False):
        context |= _steps(leads_out=context["leads_out"])
    return TemplateResponse(request, "overview.html", context)


@require_POST
@permission_required("smtp_gateway.act_on_mail", raise_exception=True)
def check_now(request: HttpRequest) -> HttpResponse:
    """Asks a worker to look at once; its findings are there some seconds later."""
    if publish(check_health):
        messages.success(request, gettext("The checks run now. Their results show up in seconds."))
    else:
        messages.error(request, gettext("The checks cannot run now: Redis does not answer."))
    return redirect(f"{reverse('overview')}#health")


def _numbers(request: HttpRequest, version: str) -> dict[str, Any]:
    name = request.GET.get("period", "")
    name = name if name in PERIODS else _FIRST
    now = timezone.now()
    chosen = period(name, now, timezone.get_current_timezone())
    here = reverse("overview")
    return {
        "now": now,
        "period": chosen,
        "period_label": PERIODS[name],
        "periods": [
            (label, here if each == _FIRST else f"{here}?period={each}", each == name)
            for each, label in PERIODS.items()
        ],
        "numbers": numbers(chosen),
        "live_url": f"{here}?period={name}&seen={version}",
        "time_zone": timezone.get_current_timezone_name(),
    }


def _health() -> dict[str, Any]:
    results = running.for_page()
    problems = running.problems(results)
    good: list[Result] = [result for result in results if result.state == "ok"]
    return {
        "health_state": worst(results),
        "problems": [shown(result) for result in problems],
        "good": [shown(result) for result in good],
    }


def _steps(*, leads_out: bool) -> dict[str, Any]:
    """In the order in which they are done."""
    proven = SenderAddress.objects.filter(reply_to_verification__confirmed_at__isnull=False)
    steps: Sequence[Step] = [
        Step("address", SenderAddress.objects.exists()),
        Step("reply_to", proven.exists()),
        Step("password", SenderAddress.objects.with_smtp(timezone.now()).exists()),
        Step("mail", queue_survey.has_submitted_mail()),
        Step("next_hop", leads_out),
    ]
    return {
        "steps": steps,
        "steps_left": sum(not step.is_done for step in steps),
        "smtp": {
            "hostname": settings.SMTP_CLIENT_HOST,
            "port": settings.SMTP_PORT,
            "tls_port": settings.SMTPS_PORT,
        },
    }


def _next_hop() -> dict[str, Any]:
    kinds = list(Route.objects.filter(is_enabled=True).values_list("kind", flat=True))
    leads_out = bool(settings.RELAY_URL) or any(kind != RouteKind.MAILBOX for kind in kinds)
    return {
        "next_hop": _relay_url(),
        "route_count": len(kinds),
        "leads_out": leads_out,
        "keeps_unverified": leads_out and not settings.ALLOW_UNVERIFIED_DOMAINS,
    }


def _relay_url() -> str:
    """Where mail goes, without credentials; empty: the local mailbox."""
    if not settings.RELAY_URL:
        return ""
    try:
        return str(parse_relay_url(settings.RELAY_URL, verify_tls=settings.RELAY_VERIFY_TLS))
    except InvalidRelayUrl as error:
        return str(error)
