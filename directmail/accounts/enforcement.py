"""REQUIRE_TWO_FACTOR: who has to have two-factor and has none sets it up before all else."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from directmail.models import Operator
from directmail.roles import Role

SETUP_PAGE = "account_two_factor_required"
# What is needed to set it up, and to leave.
_LET_THROUGH = frozenset(
    {
        SETUP_PAGE,
        "account_logout",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_activate_totp",
        "mfa_add_webauthn",
    }
)


class require_two_factor:  # noqa: N801 - named as the middleware functions beside it
    """Looks at each page that asks for a log-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not isinstance(request.user, Operator):
            return None
        if _name(request) in _LET_THROUGH or not lacks_two_factor(request.user):
            return None
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(resolve_url(SETUP_PAGE))
        return redirect(SETUP_PAGE)


def has_two_factor(operator: Operator) -> bool:
    """Recovery codes alone are none."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(get_adapter().is_mfa_enabled(operator, kinds))


def must_have_two_factor(operator: Operator) -> bool:
    if settings.REQUIRE_TWO_FACTOR == "admins":
        return operator.role == Role.ADMIN
    return bool(settings.REQUIRE_TWO_FACTOR == "all")


def lacks_two_factor(operator: Operator) -> bool:
    return must_have_two_factor(operator) and not has_two_factor(operator)


def _name(request: HttpRequest) -> str | None:
    return request.resolver_match.url_name if request.resolver_match else None
