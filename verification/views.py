"""The page behind a verification link: shows on GET, proves on POST, and asks for no account."""

from collections.abc import Callable
from functools import partial

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from verification import services
from verification.mail_address import display
from verification.models import Verification
from verification.services import Refusal

_STATUS = {
    Refusal.TAMPERED: 400,
    Refusal.EXPIRED: 410,
    Refusal.USED: 410,
    Refusal.SUPERSEDED: 410,
}


# Exempt: the signed token in the address is the whole authority, no cookie adds to it, and the
# browsers inside mail programs often keep none.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("token")
def confirm(
    request: HttpRequest, token: str, tell: Callable[[HttpRequest, Verification], None]
) -> TemplateResponse:
    """GET names sender address and mailbox; only POST proves, since mail scanners open links.

    `tell` comes from the project's URLs: it records a proof, in its transaction.
    """
    if request.method == "POST":
        verification, refusal = services.confirm(
            token, now=timezone.now(), when_proven=partial(tell, request)
        )
    else:
        verification, refusal = services.look_up(token, now=timezone.now())
    context = {
        "subject": display(verification.subject) if verification else "",
        "mailbox": display(verification.mailbox) if verification else "",
        "refusal": refusal.value if refusal else "",
        "is_done": request.method == "POST" and refusal is None,
    }
    response = TemplateResponse(
        request, "verification/confirm.html", context, status=_STATUS[refusal] if refusal else 200
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
