"""The console's static files: one stylesheet out of many, and addresses that change with contents.

Nothing is collected or written before the first start. An address names the content (`?v=`), so
that a browser keeps the file for a year; without that, or with another's, only for a minute.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

STYLESHEET = "console.css"
# Later ones may lean on what earlier ones say.
_PARTS = (
    "tokens",
    "base",
    "shell",
    "account",
    "controls",
    "forms",
    "surfaces",
    "tables",
    "states",
    "timeline",
    "charts",
    "dialog",
)
_FOR_GOOD = "max-age=31536000, public, immutable"
_FOR_NOW = "max-age=60, public"


class VersionedStorage(StaticFilesStorage):
    """Addresses of static files, each with the version of its content."""

    def url(self, name: str | None) -> str:
        address = super().url(name)
        return f"{address}?v={version(name)}" if name and version(name) else address


class VersionedFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, which lets browsers keep what was asked for by its present version."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        return _kept(response, request, request.path_info.removeprefix(settings.STATIC_URL))


@login_not_required
@require_safe
def stylesheet(request: HttpRequest) -> HttpResponseBase:
    """The stylesheet of every page."""
    response = HttpResponse(_content(STYLESHEET), content_type="text/css; charset=utf-8")
    return _kept(response, request, STYLESHEET)


def version(name: str) -> str:
    """A few digits that stand for the content of that file; empty where there is no such file."""
    return _version(name) if settings.DEBUG else _kept_version(name)


def _kept(response: HttpResponseBase, request: HttpRequest, name: str) -> HttpResponseBase:
    asked_for = request.GET.get("v")
    is_present = bool(asked_for) and asked_for == version(name)
    response.headers["Cache-Control"] = _FOR_GOOD if is_present else _FOR_NOW
    return response


def _version(name: str) -> str:
    content = _content(name)
    return hashlib.sha256(content).hexdigest()[:12] if content else ""


# The files of a running server do not change.
_kept_version = lru_cache(maxsize=512)(_version)


def _content(name: str) -> bytes:
    if name == STYLESHEET:
        return b"\n".join(_content(f"css/{part}.css") for part in _PARTS)
    found = finders.find(name)
    return Path(found).read_bytes() if isinstance(found, str) else b""
