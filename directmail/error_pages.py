"""What is shown when a page failed, or is not for who asks. A failure needs no database."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from directmail.appearance import chosen
from directmail.models import Operator
from directmail.roles import Role

_RETRY_SECONDS = 10
_NAMED_ADMINS = 5


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says which role it takes to be let in, and who gives it."""
    context = {
        "is_viewer": isinstance(request.user, Operator) and request.user.role == Role.VIEWER,
        "admins": Operator.objects.admins().order_by("email")[:_NAMED_ADMINS],
    }
    return TemplateResponse(request, "403.html", context, status=403).render()


def server_error(request: HttpRequest) -> HttpResponse:
    """503 when the database is away, which passes; else 500. Called while the error is handled."""
    context = {"theme": chosen(request)}
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return HttpResponse(render_to_string("500.html", context), status=500)
    headers = {"Retry-After": str(_RETRY_SECONDS)}
    return HttpResponse(render_to_string("503.html", context), status=503, headers=headers)
