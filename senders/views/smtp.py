"""SMTP on and off: the password that an application logs in with."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from senders import services, smtp_password
from senders.forms import PasswordForm
from senders.models import SenderAddress
from senders.views.answer import done, for_sender


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
@never_cache
@sensitive_post_parameters("password")
@for_sender
def set_password(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Set SMTP Password: generated here and shown once, or typed."""
    if request.method == "POST" and "generate" in request.POST:
        return _generate(request, sender)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _taken(sender, form):
        return done(request, f"{sender.display_address} can log in by SMTP with the new password.")
    context = {"form": form, "sender": sender, **_connection(sender)}
    return TemplateResponse(
        request, "senders/set_smtp_password.html", context, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
@for_sender
def switch_off(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Switch SMTP Off."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/switch_smtp_off.html", {"sender": sender})
    services.switch_smtp_off(sender)
    return done(request, f"SMTP is off for {sender.display_address}.")


@sensitive_variables("password", "context")
def _generate(request: HttpRequest, sender: SenderAddress) -> TemplateResponse:
    # In this response only: neither session nor messages ever hold it.
    password = smtp_password.generate()
    services.set_smtp_password(sender, password=password)
    context = {"sender": sender, "password": password, **_connection(sender)}
    response = TemplateResponse(request, "senders/smtp_password_set.html", context)
    return trigger_client_event(response, "console:changed")


def _taken(sender: SenderAddress, form: PasswordForm) -> bool:
    try:
        services.set_smtp_password(sender, password=form.cleaned_data["password"])
    except services.PasswordRefused as refusal:
        for condition in refusal.unmet:
            form.add_error("password", condition)
        return False
    return True


def _connection(sender: SenderAddress) -> dict[str, object]:
    return {
        "user_name": sender.address,
        "host": settings.SMTP_CLIENT_HOST,
        "starttls_port": settings.SMTP_PORT,
        "tls_port": settings.SMTPS_PORT,
    }
