"""The life of one recipient's mail: what happened, oldest first."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from smtp_gateway.models import Attempt, AttemptOutcome, Delivery, Message, ReturnedMail
from smtp_gateway.relay_transcripts.shown import ShownDialogue, dialogues_of
from smtp_gateway.reports.shown import ShownReport
from smtp_gateway.sent_again import OtherMail, other_mail

MOST_RETURNED = 50
"""So many of what came back are shown; a loop may bring any number."""
INLINE_DIALOGUES = 10
"""So many of the newest attempts show what was said on the mail's page; older ones on their own."""
_CONNECTION_FAULTS = {
    "next-hop-unreachable",
    "next-hop-connection-lost",
    "next-hop-timeout",
    "next-hop-protocol-error",
    "next-hop-tls-failed",
    "next-hop-auth-failed",
    "dns-failed",
    "relay-stopped",
    "relay-fault",
}

Kind = Literal["attempt", "by-hand", "given-up", "stopped", "report", "returned"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; fields that have nothing to say of its kind are empty."""

    kind: Kind
    at: datetime
    attempt: Attempt | None = None
    number: int = 0
    """Of an attempt: which one."""
    dialogue: ShownDialogue | None = None
    """Of an attempt, if it is to be shown here."""
    together: int = 0
    """How many recipients one fault of the connection ended at once; 0: nothing of the kind."""
    other: OtherMail | None = None
    report: ShownReport | None = None
    returned: ReturnedMail | None = None
    """What came back to its return path."""


def life_of(
    message: Message, delivery: Delivery, reports: Sequence[ShownReport]
) -> Sequence[Event]:
    """Attempts, actions, reports and what came back; the beginning, waiting and the end are the
    page's own.
    """
    came_back = list(_came_back(delivery))
    attempts = [each for each in delivery.attempts.all() if _is_told(each, came_back)]
    tried = [attempt for attempt in attempts if attempt.is_attempt]
    dialogues = dialogues_of(tried[-INLINE_DIALOGUES:])
    together = _together(message, [a for a in tried if a.reason_code in _CONNECTION_FAULTS])
    events = [
        event
        for attempt, number in _numbered(attempts)
        for event in _events(attempt, number, dialogues, together)
    ]
    made = [Event("report", report.made_at, report=report) for report in reports if report.made_at]
    for each in [*came_back, *made]:
        # What happened stays in the order in which it was written down, whatever clocks say.
        place = sum(1 for event in events if event.at <= each.at)
        events.insert(place, each)
    return events


def _came_back(delivery: Delivery) -> Iterator[Event]:
    rows = ReturnedMail.objects.defer("raw").filter(delivery_id=delivery.pk).order_by("id")
    for row in rows[:MOST_RETURNED]:
        yield Event("returned", row.received_at, returned=row)


def _is_told(attempt: Attempt, came_back: Sequence[Event]) -> bool:
    """What came back tells of its bounce itself, and more than the event does."""
    return attempt.outcome != AttemptOutcome.RETURNED or not came_back


def _numbered(attempts: Sequence[Attempt]) -> Sequence[tuple[Attempt, int]]:
    numbered, number = [], 0
    for attempt in attempts:
        number += attempt.is_attempt
        numbered.append((attempt, number if attempt.is_attempt else 0))
    return numbered


def _events(
    attempt: Attempt,
    number: int,
    dialogues: Mapping[int, ShownDialogue],
    together: Mapping[tuple[datetime, str], int],
) -> Sequence[Event]:
    if attempt.is_stopped:
        return [Event("stopped", attempt.at, attempt)]
    if attempt.is_given_up_waiting:
        return [Event("given-up", attempt.at, attempt)]
    if not number:
        return [Event("by-hand", attempt.at, attempt, other=other_mail(attempt.reason_code))]
    sharing = together.get((attempt.at, attempt.next_hop), 0)
    tried = Event(
        "attempt",
        attempt.at,
        attempt,
        number,
        dialogues.get(attempt.pk),
        together=sharing if sharing > 1 else 0,
    )
    if attempt.outcome == AttemptOutcome.EXPIRED:
        # The try failed as others had, and there was no time for one more.
        return [tried, Event("given-up", attempt.at, attempt)]
    return [tried]


def _together(message: Message, attempts: Sequence[Attempt]) -> Mapping[tuple[datetime, str], int]:
    """By time and next hop, how many recipients of the mail had their attempt end at once."""
    times = {attempt.at for attempt in attempts}
    if not times:
        return {}
    same = Attempt.objects.filter(delivery__message=message, at__in=times).order_by()
    return Counter(same.values_list("at", "next_hop"))
