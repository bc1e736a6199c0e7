"""Check My Connection: a live transcript of a submission, and what it shows."""

import logging
import secrets
import threading
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from senders.audit.recording import record
from senders.audited import target_of
from senders.models import SenderAddress
from smtp_gateway.connection_check.check import Check, Outcome, run
from smtp_gateway.connection_check.explaining import Explainer
from smtp_gateway.connection_check.finding import Finding, finding_of, too_many
from smtp_gateway.connection_check.forms import WAYS, CheckForm
from smtp_gateway.connection_check.preparing import check_of
from smtp_gateway.routes.trial.dialogue import Said

# Each holds one of the console's threads for as long as it takes.
_AT_A_TIME = threading.BoundedSemaphore(3)
_PAGE = "smtp_gateway/connection_check.html"

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("smtp_gateway.act_on_mail", raise_exception=True)
@never_cache
@sensitive_post_parameters("password")
@sensitive_variables("check")
def check_connection(request: HttpRequest, pk: int) -> HttpResponseBase:
    sender = get_object_or_404(SenderAddress, pk=pk)
    form = CheckForm(
        request.POST if request.method == "POST" else None,
        initial={"recipient": request.user.get_username()},
    )
    context = {"form": form, "sender": sender, "ways": WAYS, "host": settings.SMTP_CHECK_HOST}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, _PAGE, context, status=status)
    check = check_of(sender, **form.cleaned_data)
    page = render_to_string(_PAGE, {**context, "mark": (mark := secrets.token_hex())}, request)
    response = StreamingHttpResponse(_parts(request, page.split(mark), sender, check))
    # A proxy that collects the page would show the dialogue when it is over.
    response["X-Accel-Buffering"] = "no"
    return response


@sensitive_variables("check")
def _parts(
    request: HttpRequest, page: list[str], sender: SenderAddress, check: Check
) -> Iterator[str]:
    """The page as far as it goes, each line as it is said, what was found, the rest."""
    above, between, below = page
    explainer = Explainer()
    yield above
    for line in _lines(check, sender):
        if isinstance(line, Finding):
            _note(request, sender, check, line)
            yield between
            context = {"finding": line, "sender": sender}
            yield render_to_string("smtp_gateway/connection_check_finding.html", context, request)
        else:
            context = {"line": line, "why": explainer.explain(line)}
            yield render_to_string("smtp_gateway/connection_check_line.html", context)
    yield below


@sensitive_variables("check")
def _lines(check: Check, sender: SenderAddress) -> Iterator[Said | Finding]:
    """What is said; the finding is the last."""
    if not _AT_A_TIME.acquire(blocking=False):
        yield too_many()
        return
    try:
        for line in run(check):
            yield finding_of(line, check, sender) if isinstance(line, Outcome) else line
    finally:
        _AT_A_TIME.release()


def _note(request: HttpRequest, sender: SenderAddress, check: Check, finding: Finding) -> None:
    facts = {
        "operator": request.user.get_username(),
        "sender": sender.address,
        "is_good": finding.is_good,
        "queue_id": finding.queue_id,
    }
    log.info("connection.checked", extra=facts)
    told = {"recipient": check.recipient, "queue_id": finding.queue_id}
    # The answer is being sent: nobody is bound any more.
    record(request, action="sender_address.connection_checked", on=target_of(sender), after=told)
