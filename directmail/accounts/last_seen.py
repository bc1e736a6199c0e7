"""Notes for the list of sessions from where and when each was last used."""

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# allauth's own middleware writes at every request, and open pages ask again and again.
_PACE_SECONDS = 60
_NOTED_AT = "directmail.noted_at"


def note_last_seen(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Once a minute for each session."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and _is_due(request):
            UserSession.objects.create_from_request(request)
            request.session[_NOTED_AT] = int(time.time())
        return get_response(request)

    return middleware


def _is_due(request: HttpRequest) -> bool:
    noted_at: int = request.session.get(_NOTED_AT, 0)
    return time.time() - noted_at >= _PACE_SECONDS
