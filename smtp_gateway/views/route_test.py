"""Test this route: a live transcript of the conversation with a next hop, and what it shows."""

import logging
import secrets
import threading
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from senders.audit.recording import Target, record
from smtp_gateway.models import Route
from smtp_gateway.recorded.wording import recorded
from smtp_gateway.relay.routing import RouteSpec
from smtp_gateway.routes.loading import spec_of
from smtp_gateway.routes.reading import default_or_problem
from smtp_gateway.routes.trial.dialogue import Said
from smtp_gateway.routes.trial.finding import Finding, too_many
from smtp_gateway.routes.trial.forms import TrialForm
from smtp_gateway.routes.trial.trial import Trial, run
from smtp_gateway.routes.trial.which import trial_of
from smtp_gateway.views.routes import for_route

# Each holds one of the console's threads for as long as it takes.
_AT_A_TIME = threading.BoundedSemaphore(3)

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("smtp_gateway.act_on_mail", raise_exception=True)
@never_cache
@for_route
def test_route(request: HttpRequest, route: Route) -> HttpResponseBase:
    return _test(request, spec_of(route))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("smtp_gateway.act_on_mail", raise_exception=True)
@never_cache
def test_default_route(request: HttpRequest) -> HttpResponseBase:
    return _test(request, default_or_problem())


def _test(request: HttpRequest, spec: RouteSpec) -> HttpResponseBase:
    form = TrialForm(
        request.POST if request.method == "POST" else None,
        kind=spec.kind,
        mail_from=settings.SYSTEM_MAIL_FROM,
    )
    if not form.is_valid() or (trial := trial_of(spec, form)) is None:
        context = {"form": form, "spec": spec, "route_name": _name(spec)}
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "smtp_gateway/route_test.html", context, status=status)
    response = StreamingHttpResponse(_page(request, spec, form, trial))
    # A proxy that collects the page would show the dialogue when it is over.
    response["X-Accel-Buffering"] = "no"
    return response


def _name(spec: RouteSpec) -> str:
    """An operator's own word, but for the default."""
    return spec.name if spec.route_id else recorded(spec.name)


def _page(request: HttpRequest, spec: RouteSpec, form: TrialForm, trial: Trial) -> Iterator[str]:
    """The page as far as it goes, each line as it is said, what was found, the rest."""
    mark = secrets.token_hex()
    context = {"form": form, "spec": spec, "route_name": _name(spec), "mark": mark}
    page = render_to_string("smtp_gateway/route_test.html", context, request)
    above, between, below = page.split(mark)
    yield above
    for line in _lines(trial):
        if isinstance(line, Finding):
            _note(request, spec, line)
            yield between
            yield render_to_string("smtp_gateway/route_test_finding.html", {"finding": line})
        else:
            yield render_to_string("smtp_gateway/route_test_line.html", {"line": line})
    yield below


def _lines(trial: Trial) -> Iterator[Said | Finding]:
    """What is said; the finding is the last."""
    if not _AT_A_TIME.acquire(blocking=False):
        yield too_many()
        return
    try:
        yield from run(trial)
    finally:
        _AT_A_TIME.release()


def _note(request: HttpRequest, spec: RouteSpec, finding: Finding) -> None:
    with translation.override("en"):
        title = str(finding.title)
    facts = {"operator": request.user.get_username(), "route": spec.name, "finding": title}
    log.info("route.tested", extra=facts)
    route_id = str(spec.route_id) if spec.route_id else "default"
    target = Target("route", route_id, spec.name, reverse("smtp_gateway:routes"))
    # The answer is being sent: nobody is bound any more.
    record(request, action="route.tested", on=target, after={"finding": title})
