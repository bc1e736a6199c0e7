"""The Returns page: what came back of relayed mail, what it says, and the very report."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_safe

from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import page, walk
from senders.listing.shown import Shown
from smtp_gateway.mail_contents.looking import are_hidden, note_look
from smtp_gateway.models import Message, ReturnedMail, SmtpSession
from smtp_gateway.returns.reading.parts import take_apart
from smtp_gateway.returns.return_list import COLUMNS, LISTING, fetch
from smtp_gateway.views.mail_contents import no_store

_SHOWN_CHARACTERS = 50_000

View = Callable[..., HttpResponseBase]


@require_safe
def returns(request: HttpRequest) -> TemplateResponse:
    """The table, as its URL asks for it."""
    asked = Asked.of(LISTING, request.GET)
    shown = Shown(asked, page(asked.cursor, partial(fetch, asked)))
    context = {"list": shown, "is_on": bool(settings.INBOUND_PORT)}
    return TemplateResponse(request, "returns/list.html", context)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All that the list finds, as CSV, without the reports themselves."""
    asked = Asked.of(LISTING, request.GET)
    return csv_response("returns", COLUMNS, walk(asked.export_cursor, partial(fetch, asked)))


@require_safe
def returned(request: HttpRequest, pk: int) -> TemplateResponse:
    """One, as it was read."""
    row = get_object_or_404(ReturnedMail.objects.defer("raw"), pk=pk)
    has_content = ReturnedMail.objects.filter(pk=pk, raw__isnull=False).exists()
    context = {
        "row": row,
        "has_content": has_content,
        "is_hidden": are_hidden(),
        "has_session": SmtpSession.objects.filter(session_id=row.session_id).exists(),
    }
    return TemplateResponse(request, "returns/one.html", context)


def _shows_contents(view: View) -> View:
    """For those who may see contents, unless the installation hides them from everybody.

    It quotes the mail that it is about: a look at one is a look at the other.
    """

    @wraps(view)
    def gated(request: HttpRequest, pk: int) -> HttpResponseBase:
        row = get_object_or_404(ReturnedMail, pk=pk)
        if are_hidden() or row.raw is None:
            raise Http404
        message = Message.objects.filter(queue_id=row.queue_id).first() if row.queue_id else None
        if message is not None:
            note_look(request, message)
        return view(request, row)

    allowed = permission_required("smtp_gateway.view_contents", raise_exception=True)
    return require_safe(no_store(allowed(gated)))


@_shows_contents
def contents(request: HttpRequest, row: Any) -> TemplateResponse:
    """The report in its own words."""
    parts = take_apart(bytes(row.raw))
    texts = [part for part in parts.parts if part.text.strip()]
    context = {"row": row, "texts": texts, "characters": _SHOWN_CHARACTERS}
    return TemplateResponse(request, "returns/contents.html", context)


@_shows_contents
def source(request: HttpRequest, row: Any) -> HttpResponse:
    """Byte for byte, to be saved."""
    response = HttpResponse(bytes(row.raw), content_type="message/rfc822")
    name = content_disposition_header(as_attachment=True, filename=f"returned-{row.pk}.eml")
    response["Content-Disposition"] = name or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
