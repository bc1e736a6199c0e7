"""Activates language and time zone of whoever is logged in."""

from collections.abc import Callable
from zoneinfo import ZoneInfoNotFoundError

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from directmail.models import Operator


def apply_preferences(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Stands behind LocaleMiddleware, which has read what the browser asks for.

    Nothing is undone afterwards: a page that is streamed is written later, and the next request
    on this thread sets its own.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        timezone.deactivate()
        if isinstance(request.user, Operator):
            _activate(request, request.user)
        return get_response(request)

    return middleware


def _activate(request: HttpRequest, operator: Operator) -> None:
    if operator.language:
        translation.activate(operator.language)
        request.LANGUAGE_CODE = operator.language
    if operator.time_zone:
        try:
            timezone.activate(operator.time_zone)
        except ZoneInfoNotFoundError:  # this machine's database has it no more
            return
