"""The reply-to address: changing it, proving it, and watching its state."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from senders import services
from senders.forms import ReplyToForm, ReplyToOnSmtpForm
from senders.models import ReplyToOnSmtp, SenderAddress
from senders.reply_to import reply_to_choices, reply_to_state
from senders.views.answer import done, for_sender
from verification.services import AlreadyVerified, TooSoon


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
@for_sender
def change(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Change Reply-To: the new address starts unproven."""
    form = ReplyToForm(
        request.POST if request.method == "POST" else None,
        initial={"reply_to": sender.display_reply_to},
    )
    if not form.is_valid():
        return TemplateResponse(
            request,
            "senders/change_reply_to.html",
            {"form": form, "sender": sender},
            status=422 if form.is_bound else 200,
        )
    services.change_reply_to(sender, reply_to=form.cleaned_data["reply_to"])
    return done(request, _changed(sender))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
@for_sender
def on_smtp(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Reply-To on SMTP: left as it is, added where there is none, or held to the verified one."""
    initial = {"reply_to_on_smtp": sender.reply_to_on_smtp}
    form = ReplyToOnSmtpForm(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_valid():
        context = {"form": form, "sender": sender, "options": reply_to_choices()}
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "senders/reply_to_on_smtp.html", context, status=status)
    services.choose_reply_to_on_smtp(sender, choice=form.cleaned_data["reply_to_on_smtp"])
    words = {"choice": ReplyToOnSmtp(sender.reply_to_on_smtp).label}
    return done(request, _("Reply-To on SMTP: %(choice)s.") % words)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
@never_cache
@for_sender
def verify(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Verify the Return Address: asks first, then sends the mail with the link."""
    if request.method != "POST":
        return _verify_page(request, sender)
    try:
        services.request_reply_to_verification(
            sender, now=timezone.now(), requested_by=request.user.get_username()
        )
    except (TooSoon, AlreadyVerified, services.InvalidField):
        return _verify_page(request, sender, status=409)
    return done(
        request,
        _("A mail with a link is on its way to %(mailbox)s.")
        % {"mailbox": sender.display_reply_to},
    )


@require_safe
@never_cache
@for_sender
def state(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """The state alone, asked for again and again while it can move by itself."""
    reply_to = reply_to_state(sender, timezone.now())
    context = {"sender": sender, "reply_to": reply_to}
    response = TemplateResponse(request, "senders/reply_to_state.html", context)
    if not reply_to.can_move:
        # Other cells and actions of the row depend on it too.
        trigger_client_event(response, "console:changed")
    return response


def _verify_page(
    request: HttpRequest, sender: SenderAddress, *, status: int = 200
) -> TemplateResponse:
    now = timezone.now()
    sender.refresh_from_db()
    reply_to = reply_to_state(sender, now)
    context = {
        "sender": sender,
        "reply_to": reply_to,
        "minutes_until_again": reply_to.minutes_until_again(now),
    }
    return TemplateResponse(request, "senders/verify.html", context, status=status)


def _changed(sender: SenderAddress) -> str:
    told = {"address": sender.display_address, "mailbox": sender.display_reply_to}
    if not sender.reply_to_address:
        return _("%(address)s has no reply-to address now.") % told
    if sender.verified_reply_to:
        return _("%(mailbox)s stays verified.") % told
    return _("Replies are to go to %(mailbox)s. Verify it next.") % told
