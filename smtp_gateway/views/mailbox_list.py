"""The local mailbox: mails that stayed here, and deleting ticked ones."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import Edge, page, walk
from senders.listing.shown import Shown
from senders.listing.ticked import OnTicked, ticked
from smtp_gateway.mailbox_list import COLUMNS, LISTING, delete, fetch
from smtp_gateway.models import CaughtMail

_ACTIONS = (
    OnTicked(
        label=gettext_lazy("Delete"),
        icon="trash-2",
        url_name="smtp_gateway:delete_caught_mails",
    ),
)


@require_safe
def mailbox(request: HttpRequest) -> TemplateResponse:
    asked = Asked.of(LISTING, request.GET)
    found = page(asked.cursor, partial(fetch, asked))
    context = {
        "list": Shown(asked, found),
        "mails": found.rows,
        "actions": _ACTIONS if request.user.has_perm("smtp_gateway.act_on_mail") else (),
        "looked_until": _time_of(found.looked_until),
    }
    return TemplateResponse(request, "smtp_gateway/mailbox.html", context)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All that the mailbox finds, as CSV."""
    asked = Asked.of(LISTING, request.GET)
    return csv_response("local-mailbox", COLUMNS, walk(asked.export_cursor, partial(fetch, asked)))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("smtp_gateway.act_on_mail", raise_exception=True)
def delete_ticked(request: HttpRequest) -> HttpResponseBase:
    """Asks on GET, deletes on POST."""
    keys = ticked(request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        mails = list(CaughtMail.objects.filter(pk__in=keys).order_by("-pk"))
        if not mails:
            return _nothing_ticked(request)
        return TemplateResponse(request, "smtp_gateway/delete_caught_mails.html", {"mails": mails})
    deleted = delete(keys)
    if not deleted:
        return _nothing_ticked(request)
    text = ngettext("%(count)d mail is deleted.", "%(count)d mails are deleted.", len(deleted))
    return _done(request, text % {"count": len(deleted)})


def _nothing_ticked(request: HttpRequest) -> HttpResponseBase:
    messages.error(request, _("Tick the mails first."))
    return redirect("smtp_gateway:mailbox")


def _done(request: HttpRequest, text: str) -> HttpResponseBase:
    if request.htmx:  # type: ignore[attr-defined]
        return trigger_client_event(HttpResponse(status=204), "console:done", {"message": text})
    messages.success(request, text)
    return redirect("smtp_gateway:mailbox")


def _time_of(edge: Edge | None) -> object:
    if edge is None:
        return None
    return CaughtMail.objects.filter(pk=edge[0]).values_list("caught_at", flat=True).first()
