"""Answers a page's question for news of one of its parts: the part, or that nothing has changed.

static/live.js asks, and says which version of the part it has.
"""

import hashlib
import re
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]

HEADER = "Live-Version"
# Masked anew in each answer, though the token is the same.
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
_VERSION_BYTES = 12


def live_parts(get_response: GetResponse) -> GetResponse:
    """204 where the asker has the part as it is; otherwise the part, and which version it is."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        known = request.headers.get(HEADER)
        if known is None or response.status_code != HTTPStatus.OK or response.streaming:
            return response
        version = _version(response.content)  # type: ignore[attr-defined]
        if version == known:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        response.headers[HEADER] = version
        return response

    return middleware


def _version(part: bytes) -> str:
    told_apart = _TOKEN.sub(b"", part)
    return hashlib.blake2b(told_apart, digest_size=_VERSION_BYTES).hexdigest()
