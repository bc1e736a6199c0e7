"""Light, dark, or as the system has it: an operator's choice, kept in a cookie of the browser.

A cookie, because the log-in page shows it too, and because it belongs to the screen.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE = "theme"
CHOICES = ("light", "dark")
SYSTEM = "system"
_YEAR_SECONDS = 365 * 24 * 3600


def chosen(request: HttpRequest) -> str:
    """One of CHOICES; empty: as the system has it."""
    choice = request.COOKIES.get(COOKIE, "")
    return choice if choice in CHOICES else ""


def page(request: HttpRequest) -> dict[str, Any]:
    """What every template knows: the theme, and the nonce of the page's scripts."""
    return {"theme": chosen(request), "csp_nonce": getattr(request, "csp_nonce", "")}


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    choice = request.POST.get("theme", "")
    if choice not in (*CHOICES, SYSTEM):
        return HttpResponseBadRequest()
    response = redirect(_way_back(request))
    if choice == SYSTEM:
        response.delete_cookie(COOKIE, samesite="Lax")
    else:
        _keep(response, choice)
    return response


def _keep(response: HttpResponse, choice: str) -> None:
    response.set_cookie(
        COOKIE,
        choice,
        max_age=_YEAR_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _way_back(request: HttpRequest) -> str:
    """The page that the choice was made on, if it is one of ours."""
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if is_ours else settings.LOGIN_REDIRECT_URL
