"""The page behind an opt-out link, and the one-click request of mail programs (RFC 8058)."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from senders.audit.requests import client_address
from senders.opting_out import services
from senders.opting_out.links import opt_out_of
from senders.opting_out.token import BadToken, OptOut
from senders.suppression import Scope
from verification.mail_address import display

_ONE_CLICK = ("List-Unsubscribe", "One-Click")
# Some mail programs name no type, or a wrong one.
_BARE = b"List-Unsubscribe=One-Click"
_LONGEST_BARE = 200


# Exempt: the signed token in the address is the whole authority, and a one-click request must
# bring no cookie (RFC 8058 section 3.2).
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("token")
def opt_out(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, since scanners open links; POST acts, and never redirects."""
    is_one_click = request.method == "POST" and _is_one_click(request)
    try:
        if is_one_click:
            services.opt_out(token, evidence=_evidence(request, "One click"), now=timezone.now())
            return _told("You get no more of these mails.\n")
        return _page(request, token)
    except BadToken:
        if is_one_click:
            return _told("This link is not complete, or was changed on the way.\n", status=400)
        return _shown(request, "bad", None, status=400)


def _page(request: HttpRequest, token: str) -> HttpResponse:
    now, action = timezone.now(), request.POST.get("action", "")
    if request.method == "POST":
        if action == "stop":
            evidence = _evidence(request, "Button on the page")
            return _shown(request, "stopped", services.opt_out(token, evidence=evidence, now=now))
        if action == "undo":
            return _shown(request, "undone", services.undo(token, now=now))
        return _shown(request, "unknown", opt_out_of(token), status=400)
    wanted = opt_out_of(token)
    return _shown(request, "already" if services.is_opted_out(wanted, now) else "ask", wanted)


def _shown(
    request: HttpRequest, stage: str, wanted: OptOut | None, *, status: int = 200
) -> HttpResponse:
    context = {
        "stage": stage,
        "sender_address": display(wanted.sender_address) if wanted else "",
        "recipient": display(wanted.recipient) if wanted else "",
        "is_of_all": settings.OPT_OUT_SCOPE == Scope.MAIL_TYPE,
    }
    return _private(TemplateResponse(request, "senders/opt_out.html", context, status=status))


def _told(text: str, *, status: int = 200) -> HttpResponse:
    """For programs: nobody reads it."""
    return _private(HttpResponse(text, content_type="text/plain; charset=utf-8", status=status))


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _is_one_click(request: HttpRequest) -> bool:
    """In either encoding (RFC 8058 section 3.2), or as the bare line."""
    name, value = _ONE_CLICK
    if name in request.POST:
        return str(request.POST[name]) == value
    if (request.content_type or "").startswith("multipart/") or request.POST:
        return False
    return request.body[:_LONGEST_BARE].strip() == _BARE


def _evidence(request: HttpRequest, how: str) -> str:
    agent = request.headers.get("User-Agent", "")
    return f"{how}, from {client_address(request) or 'an unknown address'}: {agent}".rstrip(": ")
