"""Send a test mail as a sender address."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from senders.models import SenderAddress
from smtp_gateway.forms import TestMailForm
from smtp_gateway.quota.charging import OverQuota
from smtp_gateway.quota.wording import quota_words
from smtp_gateway.test_mail import (
    RecipientSuppressed,
    SenderSuspended,
    default_subject,
    default_text,
    send_test_mail,
)

_LAST_RECIPIENT = "test_mail_recipient"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("smtp_gateway.act_on_mail", raise_exception=True)
def test_mail(request: HttpRequest, pk: int) -> HttpResponse:
    addresses = SenderAddress.objects.select_related("reply_to_verification")
    sender = get_object_or_404(addresses, pk=pk)
    if request.method != "POST":
        return _form(request, sender, TestMailForm(initial=_defaults(request, sender)))
    form = TestMailForm(request.POST)
    if not form.is_valid():
        return _form(request, sender, form, status=422)
    try:
        queue_id = send_test_mail(sender, **form.cleaned_data)
    except SenderSuspended:
        sender.refresh_from_db()
        return _form(request, sender, form, status=409)
    except OverQuota as error:
        form.add_error(None, quota_words(error.reached))
        return _form(request, sender, form, status=409)
    except RecipientSuppressed as error:
        form.add_error("recipient", _suppressed_words(error))
        return _form(request, sender, form, status=409)
    request.session[_LAST_RECIPIENT] = form.cleaned_data["recipient"]
    messages.success(request, _("The test mail is queued. This page follows it."))
    return _to_mail(request, queue_id)


def _suppressed_words(error: RecipientSuppressed) -> str:
    return _("No mail goes to %(recipient)s: it is suppressed (%(reason)s). See Suppressions.") % {
        "recipient": error.row.display_target,
        "reason": error.row.get_reason_display(),
    }


def _form(
    request: HttpRequest, sender: SenderAddress, form: TestMailForm, status: int = 200
) -> TemplateResponse:
    context = {"sender": sender, "form": form, "reply_to_state": _reply_to_state(sender)}
    return TemplateResponse(request, "smtp_gateway/test_mail.html", context, status=status)


def _defaults(request: HttpRequest, sender: SenderAddress) -> dict[str, str]:
    return {
        "recipient": request.session.get(_LAST_RECIPIENT) or request.user.get_username(),
        "subject": default_subject(sender),
        "text": default_text(sender),
    }


def _reply_to_state(sender: SenderAddress) -> str:
    """Why the mail carries no reply-to: `none` there is, or the state of its verification."""
    return sender.reply_to_state(timezone.now()).value if sender.reply_to_address else "none"


def _to_mail(request: HttpRequest, queue_id: str) -> HttpResponse:
    url = reverse("smtp_gateway:mail", args=[queue_id])
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(url)
    return redirect(url)
