"""Inviting people, and the page behind the link of an invitation."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from directmail import roles
from directmail.invitations import services
from directmail.invitations.forms import AcceptForm, InviteForm
from directmail.invitations.services import Found, Refusal
from directmail.models import Invitation, Operator
from directmail.own_account import operator_of

_STATUS = {
    Refusal.TAMPERED: 400,
    Refusal.EXPIRED: 410,
    Refusal.USED: 410,
    Refusal.WITHDRAWN: 410,
    Refusal.SUPERSEDED: 410,
}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("directmail.change_operator", raise_exception=True)
def invite(request: HttpRequest) -> HttpResponseBase:
    """Invite somebody."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _invited(request, form):
        said = gettext("A mail with the invitation goes to %(email)s.")
        messages.success(request, said % {"email": form.cleaned_data["email"]})
        return redirect("people:people")
    context = {"form": form, "role_options": roles.OPTIONS}
    return TemplateResponse(
        request, "invitations/invite.html", context, status=422 if form.is_bound else 200
    )


@require_POST
@permission_required("directmail.change_operator", raise_exception=True)
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail once more, with a new link."""
    invitation = get_object_or_404(Invitation, pk=pk)
    if services.send_again(invitation, now=timezone.now()):
        said = gettext("Another mail goes to %(email)s; the link in the former one has ended.")
        messages.success(request, said % {"email": invitation.email})
    return redirect("people:people")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("directmail.change_operator", raise_exception=True)
def withdraw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ends an invitation."""
    invitation = get_object_or_404(Invitation, pk=pk)
    if request.method != "POST":
        return TemplateResponse(request, "invitations/withdraw.html", {"invitation": invitation})
    if services.withdraw(invitation, now=timezone.now()):
        said = gettext("The invitation of %(email)s is withdrawn.")
        messages.success(request, said % {"email": invitation.email})
    return redirect("people:people")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password", "again")
@sensitive_variables("token")
def accept(request: HttpRequest, token: str) -> HttpResponseBase:
    """GET says who invites and as what; only POST makes the account: mail scanners open links."""
    found = services.look_up(token, now=timezone.now())
    if found.invitation is None or found.refusal is not None:
        return _page(request, found)
    submitted = request.POST if request.method == "POST" else None
    form = AcceptForm(submitted, email=found.invitation.email)
    if not form.is_valid():
        return _page(request, found, form)
    operator = services.accept(
        found.invitation, password=form.cleaned_data["password"], now=timezone.now()
    )
    if operator is None:
        return _page(request, Found(found.invitation, Refusal.USED))
    return _log_in(request, operator)


def _invited(request: HttpRequest, form: InviteForm) -> bool:
    try:
        services.invite(**form.cleaned_data, by=operator_of(request), now=timezone.now())
    except services.CannotInvite as refusal:
        form.add_error("email", str(refusal))
        return False
    return True


def _page(request: HttpRequest, found: Found, form: AcceptForm | None = None) -> TemplateResponse:
    context = {
        "invitation": found.invitation,
        "refusal": found.refusal.value if found.refusal else "",
        "form": form,
    }
    status = _STATUS[found.refusal] if found.refusal else (422 if form and form.is_bound else 200)
    response = TemplateResponse(request, "invitations/accept.html", context, status=status)
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _log_in(request: HttpRequest, operator: Operator) -> HttpResponse:
    """As by the password that was just chosen; two-factor is asked for where it has to be."""
    record_authentication(request, operator, "invitation")
    response: HttpResponse = perform_login(request, Login(user=operator, email=operator.email))
    return response
