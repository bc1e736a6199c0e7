"""Your account: what is on one page, and the end of sessions. The forms behind it are allauth's."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from directmail.accounts import enforcement, sessions
from directmail.accounts.factors import factors_of
from directmail.models import EmailChange
from directmail.own_account import operator_of, to_section


@require_GET
@never_cache
def account_security(request: HttpRequest) -> TemplateResponse:
    """Everything about the own account."""
    operator = operator_of(request)
    context = {
        "factors": factors_of(operator),
        "must_have_two_factor": enforcement.must_have_two_factor(operator),
        "sessions": sessions.sessions_of(operator, present_key=request.session.session_key),
        "email_change": EmailChange.objects.filter(operator=operator).first(),
        "installation_zone": settings.TIME_ZONE,
        "chosen_language": dict(settings.LANGUAGES).get(operator.language, ""),
    }
    return TemplateResponse(request, "account/security.html", context)


@require_GET
@never_cache
def two_factor_required(request: HttpRequest) -> HttpResponseBase:
    """Where somebody who has to have two-factor is led until it is set up."""
    operator = operator_of(request)
    if not enforcement.lacks_two_factor(operator):
        return redirect("overview")
    context = {"factors": factors_of(operator)}
    return TemplateResponse(request, "account/two_factor_required.html", context)


@require_GET
def two_factor(request: HttpRequest) -> HttpResponse:
    """allauth's index of it is a section of the account page."""
    return to_section("two-factor")


@require_GET
def no_password(request: HttpRequest) -> HttpResponse:
    """Nobody sets one without having shown the mailbox."""
    return redirect("account_reset_password")


@require_GET
def passkeys(request: HttpRequest) -> HttpResponse:
    """Likewise the list of them."""
    return to_section("passkeys")


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Signs one browser out."""
    operator, present_key = operator_of(request), request.session.session_key
    if sessions.end_other_sessions(operator, present_key=present_key, only=pk):
        messages.success(request, gettext("That session is signed out."))
    return to_section("sessions")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Signs all browsers out but this one."""
    ended = sessions.end_other_sessions(
        operator_of(request), present_key=request.session.session_key
    )
    said = ngettext(
        "%(number)d other session is signed out.",
        "%(number)d other sessions are signed out.",
        ended,
    )
    messages.success(request, said % {"number": ended})
    return to_section("sessions")
