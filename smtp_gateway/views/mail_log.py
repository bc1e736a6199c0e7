"""The mail log: every recipient of every mail, newest first."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import Edge, Page, page, walk
from senders.listing.shown import Shown
from smtp_gateway import mail_log as log
from smtp_gateway import refusals
from smtp_gateway.happened import Happened
from smtp_gateway.mail_list import COLUMNS, REFUSED, REFUSED_COLUMNS, asked_of, wanted
from smtp_gateway.models import Delivery
from smtp_gateway.reason_words import reason_words
from smtp_gateway.selection import Selection
from smtp_gateway.smtp_sessions.reading import kept
from smtp_gateway.views.on_mail import actions_on


@require_safe
def mail_log(request: HttpRequest) -> TemplateResponse:
    asked = asked_of(request.GET)
    if asked.chosen["state"] == REFUSED:
        refused = page(asked.cursor, partial(refusals.fetch, asked.search, wanted(asked).scope))
        sessions = kept(mail.session_id for mail in refused.rows)
        return _page(request, asked, refused, {"refused": refused.rows, "sessions": sessions})
    understood = log.understood(wanted(asked))
    found = page(asked.cursor, partial(log.fetch, understood))
    selection = Selection.of_found(understood)
    can_act = request.user.has_perm("smtp_gateway.act_on_mail")
    rows = {
        "deliveries": found.rows,
        "actions": actions_on(asked.chosen["state"], selection) if can_act else (),
        "selection": selection,
        "looked_until": _time_of(found.looked_until),
        "domain": understood.search if understood.search != asked.search else "",
    }
    return _page(request, asked, found, rows)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All that the log finds, as CSV."""
    asked = asked_of(request.GET)
    if asked.chosen["state"] == REFUSED:
        refused = walk(
            asked.export_cursor, partial(refusals.fetch, asked.search, wanted(asked).scope)
        )
        return csv_response("refused-mail", REFUSED_COLUMNS, refused)
    found = walk(asked.export_cursor, partial(log.fetch, log.understood(wanted(asked))))
    return csv_response("mail-log", COLUMNS, found)


def _page(
    request: HttpRequest, asked: Asked, found: Page[Any], rows: dict[str, Any]
) -> TemplateResponse:
    happened, scope = wanted(asked).happened, wanted(asked).scope
    context = {
        "list": Shown(asked, found),
        "now": timezone.now(),
        "happened": happened,
        "scope": scope,
        "history_days": _days_of_history(happened),
        "happened_reason": reason_words(happened.reason) if happened and happened.reason else None,
        **rows,
    }
    return TemplateResponse(request, "smtp_gateway/mail_log.html", context)


def _days_of_history(happened: Happened | None) -> int:
    """For how long mail is kept, where what happened begins before that; 0: it does not."""
    lifetime: timedelta = settings.MAIL_HISTORY_LIFETIME
    is_older = happened is not None and happened.since < timezone.now() - lifetime
    return lifetime.days if is_older else 0


def _time_of(edge: Edge | None) -> datetime | None:
    """When the mail at the edge of a search was accepted."""
    if edge is None:
        return None
    times = Delivery.objects.filter(pk=edge[0]).values_list("message__accepted_at", flat=True)
    return times.first()
