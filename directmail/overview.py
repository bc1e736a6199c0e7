"""The page that an operator sees first."""

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe


@require_safe
def overview(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "overview.html", {})
