"""The list of sender addresses, a new one, and the end of one."""

from functools import partial

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from senders import services
from senders.address_list import COLUMNS, LISTING, fetch, found
from senders.domains.reading import verified_domains
from senders.forms import CreateForm
from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import page, walk
from senders.listing.shown import Shown
from senders.models import SenderAddress
from senders.reply_to import reply_to_state
from senders.views.answer import Context, created, done, for_sender, gone, refused
from senders.views.ticked import ACTIONS
from verification.mail_address import display

_VERIFIED_NAMED = 5


@require_safe
def address_list(request: HttpRequest) -> TemplateResponse:
    """The table, as its URL asks for it."""
    asked = Asked.of(LISTING, request.GET)
    shown = Shown(asked, page(asked.cursor, partial(fetch, asked)))
    now = timezone.now()
    count = found(asked).count()
    context = {
        "list": shown,
        "rows": [(sender, reply_to_state(sender, now)) for sender in shown.page.rows],
        "words": ngettext("%(count)d address", "%(count)d addresses", count) % {"count": count},
        "actions": ACTIONS if request.user.has_perm("senders.change_senderaddress") else (),
    }
    return TemplateResponse(request, "senders/list.html", context)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All that the list finds, as CSV."""
    asked = Asked.of(LISTING, request.GET)
    return csv_response(
        "sender-addresses", COLUMNS, walk(asked.export_cursor, partial(fetch, asked))
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
def create(request: HttpRequest) -> HttpResponseBase:
    """Create Sender Address."""
    form = CreateForm(request.POST if request.method == "POST" else None)
    names = sorted(display(each) for each in verified_domains().counting)
    context: Context = {
        "form": form,
        "verified_domains": names[:_VERIFIED_NAMED],
        "lets_unverified_out": settings.ALLOW_UNVERIFIED_DOMAINS,
    }
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "senders/create.html", context, status=status)
    try:
        sender = services.create_sender_address(**form.cleaned_data, now=timezone.now())
    except services.InvalidField as error:
        form.add_error(error.field, str(error))
        return refused(request, "senders/create.html", context)
    return created(request, _created(sender), sender)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
@for_sender
def suspend(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Suspend: nothing is sent as this address until it is resumed."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/suspend.html", {"sender": sender})
    services.suspend(sender, now=timezone.now())
    return done(request, _("%(address)s is suspended.") % {"address": sender.display_address})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
@for_sender
def resume(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Resume: the end of a suspension."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/resume.html", {"sender": sender})
    services.resume(sender)
    return done(request, _("%(address)s can send again.") % {"address": sender.display_address})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("senders.change_senderaddress", raise_exception=True)
@for_sender
def delete(request: HttpRequest, sender: SenderAddress) -> HttpResponseBase:
    """Delete, for good."""
    if request.method != "POST":
        return TemplateResponse(request, "senders/delete.html", {"sender": sender})
    services.delete_sender_address(sender)
    return gone(request, _("%(address)s is deleted.") % {"address": sender.display_address})


def _created(sender: SenderAddress) -> str:
    domain = sender.address.rpartition("@")[2]
    told = {"address": sender.display_address, "domain": display(domain)}
    if domain in verified_domains() or settings.ALLOW_UNVERIFIED_DOMAINS:
        return _("%(address)s is created.") % told
    return _("%(address)s is created. Its domain %(domain)s is not verified yet.") % told
