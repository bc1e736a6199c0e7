"""The page behind a verification link: shows on GET, proves on POST."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from verification import services


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> TemplateResponse:
    act = services.confirm if request.method == "POST" else services.look_up
    verification, refusal = act(token, now=timezone.now())
    return TemplateResponse(
        request, "verification/confirm.html", {"verification": verification, "refusal": refusal}
    )
