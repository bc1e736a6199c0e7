"""Browsers in which somebody logged in before: their failed attempts are counted by themselves.

Else whoever knows an e-mail address could keep its owner out by trying passwords (OWASP, "Slow Down
Online Guessing Attacks with Device Cookies"). A stolen cookie gives five attempts more, no log-in.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_COOKIE = "known_device"
_SALT = "directmail.known-device"
_LIFETIME = timedelta(days=365)
_BETWEEN = " "


def device_of(request: HttpRequest, email: str) -> str:
    """What names this browser among those in which `email` logged in; empty: it is none."""
    value = request.get_signed_cookie(_COOKIE, default="", salt=_SALT, max_age=_LIFETIME)
    device, _, owner = (value or "").partition(_BETWEEN)
    return device if owner == email.lower() else ""


def remember_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Whoever logged in last counts."""
    device = device_of(request, email) or secrets.token_urlsafe(16)
    response.set_signed_cookie(
        _COOKIE,
        f"{device}{_BETWEEN}{email.lower()}",
        salt=_SALT,
        max_age=_LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
