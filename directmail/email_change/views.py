"""Asking for another address, and the page behind its link."""

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from directmail.accounts.adapter import OperatorAdapter
from directmail.email_change import services
from directmail.email_change.forms import NewEmailForm
from directmail.email_change.links import read_token
from directmail.email_change.services import Refusal
from directmail.models import EmailChange, Operator
from directmail.own_account import asked_again, operator_of, to_section
from senders.audit.requests import mailbox_owner

_STATUS = {
    Refusal.TAMPERED: 400,
    Refusal.EXPIRED: 410,
    Refusal.ENDED: 410,
    Refusal.TAKEN: 409,
}


@require_http_methods(["GET", "HEAD", "POST"])
@asked_again
def change_own(request: HttpRequest) -> HttpResponseBase:
    """Another address for whoever is logged in."""
    operator = operator_of(request)
    form = NewEmailForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _asked(request, operator, form):
        return to_section("log-in")
    context = {"form": form, "change": _open_change(operator)}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "account/change_email.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("directmail.change_operator", raise_exception=True)
@asked_again
def change_of_person(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Another address for somebody, by an admin: its owner confirms it all the same."""
    person = get_object_or_404(Operator, pk=pk)
    form = NewEmailForm(request.POST if request.method == "POST" else None)
    form.fields["email"].widget.attrs["autocomplete"] = "off"
    if form.is_valid() and _asked(request, person, form):
        return redirect("people:people")
    context = {"form": form, "person": person, "change": _open_change(person)}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "people/change_email.html", context, status=status)


@require_POST
def withdraw_own(request: HttpRequest) -> HttpResponse:
    """Ends the wish of whoever is logged in."""
    _withdraw(request, operator_of(request))
    return to_section("log-in")


@require_POST
@permission_required("directmail.change_operator", raise_exception=True)
def withdraw_of_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends the wish for somebody."""
    _withdraw(request, get_object_or_404(Operator, pk=pk))
    return redirect("people:people")


# Exempt: the signed token in the address is the whole authority, no cookie adds to it, and the
# browsers inside mail programs often keep none.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("token")
def confirm(request: HttpRequest, token: str) -> TemplateResponse:
    """GET says what the link does; only POST does it, since mail scanners open links."""
    now = timezone.now()
    found = services.look_up(token, now=now)
    refusal, is_done = found.refusal, False
    if request.method == "POST" and found.change and refusal is None:
        who = mailbox_owner(request, found.change.email)
        refusal = services.confirm(read_token(token), who=who, now=now)
        is_done = refusal is None
    context = {
        "change": found.change,
        "refusal": refusal.value if refusal else "",
        "is_done": is_done,
    }
    status = _STATUS[refusal] if refusal else 200
    response = TemplateResponse(request, "account/confirm_email.html", context, status=status)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _asked(request: HttpRequest, operator: Operator, form: NewEmailForm) -> bool:
    by = operator_of(request)
    if not consume(request, action="manage_email", user=by):
        form.add_error("email", OperatorAdapter.error_messages["rate_limited"])
        return False
    try:
        change = services.ask(operator, email=form.cleaned_data["email"], by=by, now=timezone.now())
    except services.CannotChange as refusal:
        form.add_error("email", str(refusal))
        return False
    said = gettext("A mail with a link goes to %(email)s. Until it is confirmed nothing changes.")
    messages.success(request, said % {"email": change.email})
    return True


def _withdraw(request: HttpRequest, operator: Operator) -> None:
    if services.withdraw(operator):
        messages.success(request, gettext("The address stays as it is."))


def _open_change(operator: Operator) -> EmailChange | None:
    return EmailChange.objects.filter(operator=operator).first()
