"""SMTP on and off: the password that an application logs in with."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from senders import services, smtp_password
from senders.forms import PasswordForm
from senders.models import SenderAddress, SmtpCredential
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
        return done(
            request,
            _("%(address)s can log in by SMTP with the new password.")
            % {"address": sender.display_address},
        )
    context = {"form": form, "sender": sender, **_connection(sender), **_present(sender)}
    return TemplateResponse(
        request, "senders/set_smtp_password.html", context, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
@for_sender
def switch_off(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Switch SMTP Off."""
    if request.method != "POST":
        living = SmtpCredential.objects.living(timezone.now()).filter(sender=sender)
        context = {"sender": sender, "living": living}
        return TemplateResponse(request, "senders/switch_smtp_off.html", context)
    services.switch_smtp_off(sender)
    return done(request, _("SMTP is off for %(address)s.") % {"address": sender.display_address})


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


def _present(sender: SenderAddress) -> dict[str, object]:
    """The SMTP password, and how many others work beside it."""
    living = list(SmtpCredential.objects.living(timezone.now()).filter(sender=sender))
    main = next((each for each in living if each.is_main), None)
    return {"main": main, "others": len(living) - (main is not None)}


def _connection(sender: SenderAddress) -> dict[str, object]:
    return {
        "user_name": sender.address,
        "host": settings.SMTP_CLIENT_HOST,
        "starttls_port": settings.SMTP_PORT,
        "tls_port": settings.SMTPS_PORT,
    }
