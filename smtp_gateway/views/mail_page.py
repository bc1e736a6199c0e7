"""One mail's life: how it came in, every attempt, and what it waits for."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from smtp_gateway import mailbox
from smtp_gateway.mail_log import find_message, header_bytes
from smtp_gateway.models import Delivery, DeliveryState, Origin
from smtp_gateway.reports.shown import shown_reports
from smtp_gateway.smtp_sessions.reading import is_kept

_SOON = timedelta(seconds=10)
_ORIGIN_WORDS = {
    Origin.SMTP: "Submitted over SMTP",
    Origin.CONSOLE: "Composed in the console",
    Origin.SYSTEM: "DirectMail itself",
}


@require_safe
def mail(request: HttpRequest, queue_id: str) -> TemplateResponse:
    message = find_message(queue_id)
    if message is None:
        raise Http404
    now = timezone.now()
    deliveries = sorted(message.deliveries.all(), key=lambda delivery: delivery.pk)
    context = {
        "message": message,
        "deliveries": deliveries,
        "reports": shown_reports(deliveries),
        "head": mailbox.read_headers(header_bytes(message)),
        "origin_words": _ORIGIN_WORDS[Origin(message.origin)],
        "has_session": is_kept(message.session_id),
        "is_caught": hasattr(message, "caught"),
        "poll_seconds": _poll_seconds(deliveries, now),
        "is_on_its_way": any(delivery.is_open for delivery in deliveries),
        "now": now,
    }
    return TemplateResponse(request, "smtp_gateway/mail.html", context)


def _poll_seconds(deliveries: Iterable[Delivery], now: datetime) -> int:
    """How often the page asks again: 0 where nothing can change any more."""
    waiting = [delivery for delivery in deliveries if delivery.is_open]
    if not waiting:
        is_report_due = any(r.made_at is None for d in deliveries for r in d.reports.all())
        return 5 if is_report_due else 0
    is_moving = any(
        delivery.state == DeliveryState.LEASED or delivery.next_attempt_at <= now + _SOON
        for delivery in waiting
    )
    return 2 if is_moving else 15
