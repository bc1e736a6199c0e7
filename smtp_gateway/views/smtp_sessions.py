"""What applications and the gateway said to each other: the list, and one session's dialogue."""

from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from senders.listing.asked import Asked
from senders.listing.csv_export import csv_response
from senders.listing.keyset import page, walk
from senders.listing.shown import Shown
from senders.models import SenderAddress
from smtp_gateway.models import SmtpSession
from smtp_gateway.smtp_sessions.advice import Facts, advise, title_of
from smtp_gateway.smtp_sessions.reading import as_text, dialogue, find_session, is_open
from smtp_gateway.smtp_sessions.session_list import COLUMNS, LISTING, fetch

_POLL_SECONDS = 3


@require_safe
def smtp_sessions(request: HttpRequest) -> TemplateResponse:
    asked = Asked.of(LISTING, request.GET)
    found = page(asked.cursor, partial(fetch, asked))
    now = timezone.now()
    context = {
        "list": Shown(asked, found),
        "rows": [(each, title_of(each.outcome), is_open(each, now)) for each in found.rows],
        "days": settings.SMTP_SESSION_LIFETIME.days,
        "is_off": settings.SMTP_SESSIONS_KEPT == 0,
    }
    return TemplateResponse(request, "smtp_gateway/smtp_sessions.html", context)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All that the list finds, as CSV, without the dialogues."""
    asked = Asked.of(LISTING, request.GET)
    return csv_response("smtp-sessions", COLUMNS, walk(asked.export_cursor, partial(fetch, asked)))


@require_safe
def smtp_session(request: HttpRequest, session_id: str) -> TemplateResponse:
    session = find_session(session_id)
    if session is None:
        raise Http404
    goes_on = is_open(session, timezone.now())
    spoken = dialogue(session)
    sender = SenderAddress.objects.filter(address=session.sender_address).first()
    context = {
        "session": session,
        "sender": sender,
        "advice": advise(session.outcome, _facts(session, sender)),
        "is_open": goes_on,
        "poll_seconds": _POLL_SECONDS if goes_on else 0,
        "spoken": spoken,
        "as_text": as_text(spoken),
    }
    return TemplateResponse(request, "smtp_gateway/smtp_session.html", context)


def _facts(session: SmtpSession, sender: SenderAddress | None) -> Facts:
    return Facts(
        address=session.sender_address,
        user_name=session.user_name,
        mail_count=session.mail_count,
        smtp_port=settings.SMTP_PORT,
        smtps_port=settings.SMTPS_PORT,
        credential=session.credential,
        at_present=sender.smtp_state if sender else "on",
    )
