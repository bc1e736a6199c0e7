"""What is shown when a page failed. Needs no database."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

_RETRY_SECONDS = 10


def server_error(request: HttpRequest) -> HttpResponse:
    """503 when the database is away, which passes; else 500. Called while the error is handled."""
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return defaults.server_error(request)
    headers = {"Retry-After": str(_RETRY_SECONDS)}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
