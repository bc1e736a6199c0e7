"""Acting on mail by hand: the page that asks, the act, and what was done so far."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from senders.audit.requests import client_address
from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import number, page, walk
from senders.listing.shown import Shown
from smtp_gateway import actions
from smtp_gateway.action_list import COLUMNS, LISTING, fetch
from smtp_gateway.action_words import WORDS, ActionWords, recipients, whom
from smtp_gateway.actions import By, Done
from smtp_gateway.models import ActionName
from smtp_gateway.selection import MAX_DELIVERIES, NoSelection, Selection, UnknownFilter
from smtp_gateway.selection_words import narrowed
from verification.mail_address import display


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("smtp_gateway.act_on_mail", raise_exception=True)
@never_cache
def act(request: HttpRequest, name: str) -> HttpResponse:
    """Asks on GET, acts on POST."""
    action = ActionName(name)
    try:
        selection = Selection.of_query(request.POST if request.method == "POST" else request.GET)
    except UnknownFilter:
        return _not_understood(request)
    except NoSelection:
        return _nothing_chosen(request)
    if request.method != "POST":
        return _question(request, action, selection)
    known_event = number(request.POST.get("known_event", ""))
    if known_event is None:
        return HttpResponseBadRequest(_("The form is incomplete. Reload the page, then try again."))
    done = actions.act(action, selection, by=_by(request), known_event=known_event)
    if not done.count:
        return _question(request, action, selection, status=409)
    return _done(request, WORDS[action.value], selection, done)


@require_safe
@permission_required("senders.view_auditentry", raise_exception=True)
def trail(request: HttpRequest) -> TemplateResponse:
    """The audit trail, newest first."""
    asked = Asked.of(LISTING, request.GET)
    found = page(asked.cursor, partial(fetch, asked))
    shown = [(row, WORDS[ActionName(row.action).value]) for row in found.rows]
    context = {"list": Shown(asked, found), "rows": shown}
    return TemplateResponse(request, "smtp_gateway/actions.html", context)


@require_GET
@permission_required("senders.view_auditentry", raise_exception=True)
def export_trail(request: HttpRequest) -> StreamingHttpResponse:
    """All that the trail finds, as CSV."""
    asked = Asked.of(LISTING, request.GET)
    return csv_response("mail-actions", COLUMNS, walk(asked.export_cursor, partial(fetch, asked)))


def _question(
    request: HttpRequest, action: ActionName, selection: Selection, status: int = 200
) -> TemplateResponse:
    preview = actions.preview(action, selection)
    if selection.of == "mail" and preview.newest is None:
        raise Http404
    words = WORDS[action.value]
    fields = [(name, value) for name, value in selection.fields if name != "up_to"]
    # The page says how many; only of these it asks.
    if selection.of == "found" and preview.newest is not None:
        fields.append(("up_to", str(preview.newest)))
    context = {
        "name": action.value,
        "words": words,
        "question": words.asks(whom(preview.able, display(preview.recipient))),
        "preview": preview,
        "selection": selection,
        "narrowed": narrowed(selection) if selection.of == "found" else None,
        "fields": [*fields, ("known_event", str(preview.known_event))],
        "max_deliveries": f"{MAX_DELIVERIES:,}",
    }
    return TemplateResponse(request, "smtp_gateway/act.html", context, status=status)


def _nothing_chosen(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("Tick the mails first."))
    return redirect("smtp_gateway:mail_log")


def _not_understood(request: HttpRequest) -> HttpResponse:
    """Rather than to do it to more mail than was meant."""
    words = _(
        "Nothing was done: the link has a filter that the mail log does not know. Choose the"
        " filters here, then act on what they find."
    )
    messages.error(request, words)
    return redirect("smtp_gateway:mail_log")


def _done(
    request: HttpRequest, words: ActionWords, selection: Selection, done: Done
) -> HttpResponse:
    """The page that follows; where one mail was sent again, that is the new mail's."""
    text = words.reports(whom(done.count, display(done.recipient)))
    if done.left:
        left = _("{recipients} stayed as they were.").format(recipients=recipients(done.left))
        text = f"{text} {left}"
    if selection.of == "mail" and done.queue_ids:
        messages.success(request, text)
        return _go(request, reverse("smtp_gateway:mail", args=[done.queue_ids[0]]))
    if request.htmx:  # type: ignore[attr-defined]
        return trigger_client_event(HttpResponse(status=204), "console:done", {"message": text})
    messages.success(request, text)
    return redirect(selection.back_url)


def _go(request: HttpRequest, url: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(url)
    return redirect(url)


def _by(request: HttpRequest) -> By:
    return By(request.user.get_username(), client_address(request) or None)
