"""One mail's life: how it came in, every attempt, and what it waits for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from smtp_gateway import mailbox
from smtp_gateway.action_words import WORDS, ActionWords
from smtp_gateway.mail_log import find_message, header_bytes
        "stories": stories,
        "actions_for_all": _for_all(stories),
        "original": _original(stories),
        "head": mailbox.read_headers(head),
from smtp_gateway.reports.shown import shown_reports
=======
from smtp_gateway.models import Attempt, Delivery, DeliveryState, Origin
from smtp_gateway.obstacles import Action, offered
from smtp_gateway.sent_again import OtherMail, other_mail
>>>>>>> 3c8f9fe (console: Retry, cancel, release and send mail again, one or many, with an audit trail.)
from smtp_gateway.smtp_sessions.reading import is_kept

_SOON = timedelta(seconds=10)
_MOVING = (DeliveryState.QUEUED, DeliveryState.LEASED)
_ORIGIN_WORDS = {
    Origin.SMTP: "Submitted over SMTP",
    Origin.CONSOLE: "Composed in the console",
    Origin.SYSTEM: "DirectMail itself",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a delivery; what is no attempt has no number."""

    attempt: Attempt
    number: int
    other: OtherMail | None


@dataclass(frozen=True, slots=True)
class Story:
    """One recipient's part of the page."""

    delivery: Delivery
    events: Sequence[Event]
    actions: Sequence[tuple[Action, ActionWords]]


@require_safe
def mail(request: HttpRequest, queue_id: str) -> TemplateResponse:
    message = find_message(queue_id)
    if message is None:
        raise Http404
    now = timezone.now()
    deliveries = sorted(message.deliveries.all(), key=lambda delivery: delivery.pk)
    head = header_bytes(message)
    stories = [_story(delivery, now, has_content=bool(head)) for delivery in deliveries]
    context = {
        "message": message,
<<<<<<< HEAD
        "deliveries": deliveries,
        "reports": shown_reports(deliveries),
        "head": mailbox.read_headers(header_bytes(message)),
