"""The SMTP credentials of an address: looking at them, adding, rotating, renaming, revoking."""

import functools
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from senders import credential_services, smtp_password
from senders.credential_forms import GRACE, GRACE_OPTIONS, AddForm, NameForm, RotateForm
from senders.credential_list import credential_list
from senders.credential_services import NewCredential
from senders.errors import InvalidField, PasswordRefused
from senders.models import SenderAddress, SmtpCredential
from senders.views.answer import Context, done, for_sender

CredentialView = Callable[[HttpRequest, SmtpCredential], HttpResponseBase]
Make = Callable[[NewCredential], SmtpCredential]

may_change = permission_required("senders.change_senderaddress", raise_exception=True)


def for_credential(view: CredentialView) -> Callable[[HttpRequest, int, int], HttpResponseBase]:
    """Gives the view the credential of the URL; 404 when that address has none such."""

    @functools.wraps(view)
    def with_credential(request: HttpRequest, pk: int, credential_pk: int) -> HttpResponseBase:
        rows = SmtpCredential.objects.select_related("sender").filter(sender_id=pk)
        return view(request, get_object_or_404(rows, pk=credential_pk))

    return with_credential


@require_safe
@for_sender
def credentials(request: HttpRequest, sender: SenderAddress) -> TemplateResponse:
    """All of an address: those that work, and those that ended lately."""
    context = {"sender": sender, "credentials": credential_list(sender, timezone.now())}
    return TemplateResponse(request, "senders/credentials_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@never_cache
@sensitive_post_parameters("password")
@for_sender
def add(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """One more password, generated here and shown once, or typed."""
    form = AddForm(request.POST if request.method == "POST" else None)
    make = functools.partial(credential_services.add_credential, sender, now=timezone.now())
    if form.is_valid() and (made := _made(form, make)):
        return _answer(request, form, *made)
    context = {"form": form, "sender": sender, "user_name": sender.address}
    return _form_page(request, "senders/add_credential.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@never_cache
@sensitive_post_parameters("password")
@for_credential
def rotate(request: HttpRequest, credential: SmtpCredential) -> HttpResponseBase:
    """A new password beside the old one, which ends when the operator says."""
    sender = credential.sender
    form = RotateForm(
        request.POST if request.method == "POST" else None,
        initial={"name": credential_services.free_name(sender, credential.name)},
    )
    if form.is_valid():
        make = functools.partial(
            credential_services.rotate_credential,
            credential,
            grace=GRACE[form.cleaned_data["grace"]],
            now=timezone.now(),
        )
        if made := _made(form, make):
            return _answer(request, form, *made)
    context = {"form": form, "sender": sender, "credential": credential, "graces": GRACE_OPTIONS}
    context["user_name"] = sender.address
    return _form_page(request, "senders/rotate_credential.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@for_credential
def rename(request: HttpRequest, credential: SmtpCredential) -> HttpResponseBase:
    """Another name; nothing else changes."""
    form = NameForm(
        request.POST if request.method == "POST" else None, initial={"name": credential.name}
    )
    if form.is_valid():
        try:
            credential_services.rename_credential(credential, name=form.cleaned_data["name"])
        except InvalidField as error:
            form.add_error(error.field, str(error))
        else:
            return done(
                request, _("It is called %(name)s now.") % _name(credential), _page(credential)
            )
    context = {"form": form, "sender": credential.sender, "credential": credential}
    return _form_page(request, "senders/rename_credential.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@for_credential
def revoke(request: HttpRequest, credential: SmtpCredential) -> HttpResponseBase:
    """Revoke, for good: asks first, and says what stops."""
    now = timezone.now()
    if request.method != "POST":
        others = SmtpCredential.objects.living(now).filter(sender=credential.sender)
        context = {
            "sender": credential.sender,
            "credential": credential,
            "has_ended": not credential.is_living(now),
            "is_last": not others.exclude(pk=credential.pk).exists(),
        }
        return TemplateResponse(request, "senders/revoke_credential.html", context)
    credential_services.revoke_credential(credential, now=now)
    return done(request, _("%(name)s is revoked.") % _name(credential), _page(credential))


@sensitive_variables("password", "wanted")
def _made(form: AddForm, make: Make) -> tuple[SmtpCredential, str] | None:
    """The credential, and its password where it was generated; None: the form says why not."""
    values = form.cleaned_data
    password = values["password"] or smtp_password.generate()
    wanted = NewCredential(values["name"], password, values["expires_at"])
    try:
        made = make(wanted)
    except PasswordRefused as refusal:
        for condition in refusal.unmet:
            form.add_error("password", condition)
    except InvalidField as error:
        form.add_error(error.field or None, str(error))
    else:
        return made, "" if values["password"] else password
    return None


@sensitive_variables("password", "context")
def _answer(
    request: HttpRequest, form: AddForm, credential: SmtpCredential, password: str
) -> HttpResponseBase:
    """A generated password is in this response only: neither session nor messages ever hold it."""
    if not password:
        words = _("%(address)s can log in with %(name)s.")
        facts = {"address": credential.sender.display_address, **_name(credential)}
        return done(request, words % facts, _page(credential))
    context = {
        "sender": credential.sender,
        "credential": credential,
        "password": password,
        "user_name": credential.sender.address,
        "host": settings.SMTP_CLIENT_HOST,
        "starttls_port": settings.SMTP_PORT,
        "tls_port": settings.SMTPS_PORT,
    }
    response = TemplateResponse(request, "senders/smtp_password_set.html", context)
    return trigger_client_event(response, "console:changed")


def _form_page(
    request: HttpRequest, template: str, form: NameForm, context: Context
) -> TemplateResponse:
    return TemplateResponse(request, template, context, status=422 if form.is_bound else 200)


def _name(credential: SmtpCredential) -> dict[str, str]:
    return {"name": credential.name}


def _page(credential: SmtpCredential) -> str:
    return reverse("senders:credentials", args=[credential.sender_id])
