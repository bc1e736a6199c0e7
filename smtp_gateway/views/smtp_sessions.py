"""What applications and the gateway said to each other: the list, and one session's dialogue."""

from django.conf import settings
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from senders.models import SenderAddress
from smtp_gateway.keyset import Cursor
from smtp_gateway.models import SmtpSession
from smtp_gateway.smtp_sessions.advice import Facts, advise, title_of
from smtp_gateway.smtp_sessions.reading import (
    Wanted,
    as_text,
    dialogue,
    find_session,
    is_open,
    sessions_page,
)
from smtp_gateway.views.paging import neighbours, search_text

_POLL_SECONDS = 3


@require_safe
def smtp_sessions(request: HttpRequest) -> TemplateResponse:
    wanted = Wanted(
        search=search_text(request),
        refused_only=request.GET.get("show") == "refused",
        without_address=request.GET.get("who") == "nobody",
    )
    found = sessions_page(wanted, Cursor.of(request.GET))
    now = timezone.now()
    context = {
        "rows": [(each, title_of(each.outcome), is_open(each, now)) for each in found.rows],
        "wanted": wanted,
        "is_filtered": wanted != Wanted(),
        "days": settings.SMTP_SESSION_LIFETIME.days,
        "is_off": settings.SMTP_SESSIONS_KEPT == 0,
        **neighbours(request, found),
    }
    return TemplateResponse(request, "smtp_gateway/smtp_sessions.html", context)


@require_safe
def smtp_session(request: HttpRequest, session_id: str) -> TemplateResponse:
    session = find_session(session_id)
    if session is None:
        raise Http404
    goes_on = is_open(session, timezone.now())
    spoken = dialogue(session)
    context = {
        "session": session,
        "sender": SenderAddress.objects.filter(address=session.sender_address).first(),
        "advice": advise(session.outcome, _facts(session)),
        "is_open": goes_on,
        "poll_seconds": _POLL_SECONDS if goes_on else 0,
        "spoken": spoken,
        "as_text": as_text(spoken),
    }
    return TemplateResponse(request, "smtp_gateway/smtp_session.html", context)


def _facts(session: SmtpSession) -> Facts:
    return Facts(
        address=session.sender_address,
        user_name=session.user_name,
        mail_count=session.mail_count,
        smtp_port=settings.SMTP_PORT,
        smtps_port=settings.SMTPS_PORT,
    )
