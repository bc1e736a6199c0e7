"""One mail's life: its recipients, how it came in, every attempt, and what it waits for."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from senders.models import SenderAddress
from senders.suppressions.reading import holding
from smtp_gateway.mail_contents.added import added_to
from smtp_gateway.mail_contents.headers import read_headers
from smtp_gateway.mail_contents.looking import are_hidden
from smtp_gateway.mail_contents.stored import forgotten_since, head_of
from smtp_gateway.mail_life import recipients as people
from smtp_gateway.mail_life.events import Event, life_of
from smtp_gateway.mail_life.turns import turn_of
from smtp_gateway.mail_life.words import ORIGINS
from smtp_gateway.models import TRIED, Attempt, Delivery, DeliveryState, Message
from smtp_gateway.relay_transcripts.shown import dialogues_of
from smtp_gateway.reports.shown import ShownReport, shown_reports
from smtp_gateway.smtp_sessions import reading
from smtp_gateway.smtp_sessions.one_mail import about

_SOON = timedelta(seconds=10)
_MOVING = (DeliveryState.QUEUED, DeliveryState.LEASED)


@require_safe
def mail(request: HttpRequest, queue_id: str) -> TemplateResponse:
    """The life of the mail where it has one recipient, or `to` names one; else the recipients."""
    message = _message(queue_id)
    now = timezone.now()
    head = head_of(message)
    counts = people.state_counts(message)
    number = sum(each.count for each in counts)
    one = _chosen(message, request.GET.get("to", ""), is_only=number == 1)
    context = {
        **_shared(message, head),
        "counts": counts,
        "recipient_count": number,
        "now": now,
        **(_one(message, one, now, head) if one else _many(message, request, now, head)),
    }
    return TemplateResponse(request, "smtp_gateway/mail.html", context)


@require_safe
def headers(request: HttpRequest, queue_id: str) -> TemplateResponse:
    message = _message(queue_id)
    head = head_of(message)
    context = {**_shared(message, head), "fields": read_headers(head)}
    if request.user.has_perm("smtp_gateway.view_contents"):
        context["added"] = added_to(message, head)
    return TemplateResponse(request, "smtp_gateway/mail_headers.html", context)


@require_safe
def attempt(request: HttpRequest, queue_id: str, pk: int) -> TemplateResponse:
    """What was said in one attempt."""
    message = _message(queue_id)
    tried = get_object_or_404(
        Attempt.objects.select_related("delivery").filter(outcome__in=TRIED),
        pk=pk,
        delivery__message=message,
    )
    context = {"message": message, "attempt": tried, "dialogue": dialogues_of([tried])[tried.pk]}
    return TemplateResponse(request, "smtp_gateway/mail_attempt.html", context)


def _message(queue_id: str) -> Message:
    return get_object_or_404(Message.objects.select_related("caught"), queue_id=queue_id)


def _chosen(message: Message, to: str, *, is_only: bool) -> Delivery | None:
    """The recipient whose life is told; None: all of them are listed."""
    deliveries = Delivery.objects.filter(message=message)
    if is_only:
        return deliveries.first()
    if not to:
        return None
    if not to.isdecimal() or len(to) > 18:
        raise Http404
    return get_object_or_404(deliveries, pk=int(to))


def _sender(message: Message) -> SenderAddress | None:
    """With its standing; None: DirectMail itself, or an address that is no more."""
    if not message.sender_address:
        return None
    rows = SenderAddress.objects.select_related("standing")
    found: SenderAddress | None = rows.filter(address=message.sender_address).first()
    return found


def _shared(message: Message, head: bytes) -> dict[str, Any]:
    """What the page and its neighbours need."""
    return {
        "message": message,
        "sender": _sender(message),
        "has_content": bool(head),
        "forgotten_since": None if head else forgotten_since(message),
        "is_hidden": are_hidden(),
        "is_caught": bool(head) and hasattr(message, "caught"),
    }


def _one(message: Message, delivery: Delivery, now: datetime, head: bytes) -> dict[str, Any]:
    delivery.turn = turn_of(delivery, now)
    reports = shown_reports([delivery]).get(delivery.pk, ())
    events = life_of(message, delivery, reports)
    due = [report for report in reports if report.made_at is None]
    is_open = delivery.state in _MOVING
    is_soon = delivery.state == DeliveryState.LEASED or delivery.next_attempt_at <= now + _SOON
    pace = (2 if is_soon else 15) if is_open else 5 if due else 0
    return {
        "delivery": delivery,
        "events": events,
        "is_open": is_open,
        "due_reports": due,
        "actions": people.actions_for(delivery, now, has_content=bool(head)),
        "live_seconds": pace,
        "suppressed": holding(
            recipient=delivery.recipient,
            sender_address=message.sender_address,
            mail_type=message.mail_type,
            now=now,
        ),
        **_beginning(message, head, events),
    }


def _many(message: Message, request: HttpRequest, now: datetime, head: bytes) -> dict[str, Any]:
    state = request.GET.get("state", "")
    found = people.recipients_page(message, state, request.GET)
    reports = shown_reports([row.delivery for row in found.rows])
    is_open = people.is_any_open(message)
    return {
        "state": state,
        "recipients": found,
        "reports": reports,
        "actions": people.actions_for_all(message, now, has_content=bool(head)),
        "live_seconds": 5 if is_open or _is_due(reports) else 0,
        "is_open": is_open,
        **_beginning(message, head, ()),
    }


def _is_due(reports: Mapping[int, Sequence[ShownReport]]) -> bool:
    return any(report.made_at is None for each in reports.values() for report in each)


def _beginning(message: Message, head: bytes, events: Sequence[Event]) -> dict[str, Any]:
    """How it came in."""
    session = reading.find_session(message.session_id) if message.session_id else None
    others = (event.other for event in events if event.other is not None)
    return {
        "fields": read_headers(head),
        "origin_words": ORIGINS[message.origin],
        "session": session,
        "spoken": about(reading.dialogue(session), message.queue_id) if session else (),
        "original": next((other.queue_id for other in others if other.is_original), ""),
    }
