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
from smtp_gateway.models import Attempt, Delivery, DeliveryState, Origin
from smtp_gateway.obstacles import Action, offered
from smtp_gateway.reports.shown import shown_reports
from smtp_gateway.sent_again import OtherMail, other_mail
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
        "stories": stories,
        "reports": shown_reports(deliveries),
        "actions_for_all": _for_all(stories),
        "original": _original(stories),
        "head": mailbox.read_headers(head),
        "has_content": bool(head),
        "origin_words": _ORIGIN_WORDS[Origin(message.origin)],
        "has_session": is_kept(message.session_id),
        "is_caught": hasattr(message, "caught"),
        "poll_seconds": _poll_seconds(deliveries, now),
        "is_on_its_way": any(delivery.state in _MOVING for delivery in deliveries),
        "now": now,
    }
    return TemplateResponse(request, "smtp_gateway/mail.html", context)


def _story(delivery: Delivery, now: datetime, *, has_content: bool) -> Story:
    is_due = delivery.next_attempt_at <= now
    names = offered(delivery.state, is_due=is_due, has_content=has_content)
    return Story(delivery, _events(delivery), [(name, WORDS[name]) for name in names])


def _events(delivery: Delivery) -> list[Event]:
    events, number = [], 0
    for attempt in delivery.attempts.all():
        number += attempt.is_attempt
        other = other_mail(attempt.reason_code)
        events.append(Event(attempt, number if attempt.is_attempt else 0, other))
    return events


def _for_all(stories: Sequence[Story]) -> list[tuple[Action, ActionWords]]:
    """What can be done to several of them at once, in the order in which it is first met."""
    if len(stories) < 2:
        return []
    return list(dict.fromkeys(pair for story in stories for pair in story.actions))


def _original(stories: Iterable[Story]) -> str:
    """The queue id of the mail that this one repeats; empty: it is nobody's copy."""
    others = (event.other for story in stories for event in story.events)
    return next((other.queue_id for other in others if other and other.is_original), "")


def _poll_seconds(deliveries: Iterable[Delivery], now: datetime) -> int:
    """How often the page asks again: 0 where nothing can change by itself any more."""
    waiting = [delivery for delivery in deliveries if delivery.state in _MOVING]
    if not waiting:
        is_report_due = any(r.made_at is None for d in deliveries for r in d.reports.all())
        return 5 if is_report_due else 0
    is_moving = any(
        delivery.state == DeliveryState.LEASED or delivery.next_attempt_at <= now + _SOON
        for delivery in waiting
    )
    return 2 if is_moving else 15
