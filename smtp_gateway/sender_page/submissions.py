"""The last mails of one sender address, with what became of them. Reads only."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from smtp_gateway import reasons
from smtp_gateway.models import Delivery, DeliveryState, Message, ShownState
from smtp_gateway.smtp_sessions.reading import kept

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Fate:
    """How many recipients of a mail stand where."""

    state: str
    """A ShownState."""
    count: int


@dataclass(frozen=True, slots=True)
class Submission:
    """One mail."""

    message: Message
    recipient: str
    """The first of them."""
    recipient_count: int
    fates: Sequence[Fate]
    has_transcript: bool

    @property
    def other_count(self) -> int:
        return self.recipient_count - 1


def last_submissions(address: str) -> list[Submission]:
    """The newest, newest first."""
    messages = list(Message.objects.filter(sender_address=address).order_by("-id")[:SHOWN])
    ids = [message.pk for message in messages]
    fates, first = _fates(ids), _first_recipients(ids)
    sessions = kept(message.session_id for message in messages if message.session_id)
    return [
        Submission(
            message=message,
            recipient=first.get(message.pk, ""),
            recipient_count=sum(fate.count for fate in fates.get(message.pk, ())),
            fates=fates.get(message.pk, ()),
            has_transcript=message.session_id in sessions,
        )
        for message in messages
    ]


def _fates(message_ids: Sequence[int]) -> Mapping[int, Sequence[Fate]]:
    """By message id, the most frequent first."""
    counts: dict[int, Counter[str]] = {}
    grouped = (
        Delivery.objects.filter(message_id__in=message_ids)
        .annotate(
            is_kept=Q(reason_code__in=reasons.KEPT),
            is_returned=Q(reason_code=reasons.BOUNCED_LATER),
            was_tried=Q(attempt_count__gt=0),
        )
        .values_list("message_id", "state", "is_kept", "is_returned", "was_tried")
        .annotate(number=Count("id"))
        .order_by()
    )
    for message_id, state, is_kept, is_returned, was_tried, number in grouped:
        shown = _shown(state, is_kept=is_kept, was_tried=was_tried)
        shown = ShownState.RETURNED if is_returned else shown
        counts.setdefault(message_id, Counter())[shown] += number
    return {
        message_id: [Fate(state, number) for state, number in counter.most_common()]
        for message_id, counter in counts.items()
    }


def _shown(state: str, *, is_kept: bool, was_tried: bool) -> ShownState:
    if state == DeliveryState.QUEUED and was_tried:
        return ShownState.DEFERRED
    if state == DeliveryState.RELAYED and is_kept:
        return ShownState.KEPT
    return ShownState(state)


def _first_recipients(message_ids: Sequence[int]) -> Mapping[int, str]:
    """By message id."""
    firsts = (
        Delivery.objects.filter(message_id__in=message_ids)
        .order_by("message_id", "id")
        .distinct("message_id")
    )
    return dict(firsts.values_list("message_id", "recipient"))
