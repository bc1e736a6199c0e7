"""The numbers of the overview, counted in recipients: what happened by hour, and what waits.

Reads only; one indexed statement per kind of event.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, F, Func, Min, Q, QuerySet, Value
from django.utils import timezone
from django.utils.timesince import timesince

from smtp_gateway import reasons
from smtp_gateway.models import Attempt, AttemptOutcome, Delivery, DeliveryState, Message

HOURS = 24
_HOUR = timedelta(hours=1)
_MOVING = [DeliveryState.QUEUED, DeliveryState.LEASED]


@dataclass(slots=True)
class Counts:
    """How many recipients met each fate in some time; `deferred` counts attempts."""

    accepted: int = 0
    relayed: int = 0
    """Those kept in the local mailbox are not among them: they have not left."""
    kept: int = 0
    deferred: int = 0
    bounced: int = 0
    """Expired ones among them: given up is given up."""
    cancelled: int = 0

    def add(self, other: "Counts") -> None:
        self.accepted += other.accepted
        self.relayed += other.relayed
        self.kept += other.kept
        self.deferred += other.deferred
        self.bounced += other.bounced
        self.cancelled += other.cancelled


@dataclass(slots=True)
class Hour:
    """One hour of the clock and its counts."""

    begin: datetime
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class Activity:
    """Today since midnight, and the last 24 hours one by one, the running one last."""

    today: Counts
    hours: Sequence[Hour]


@dataclass(frozen=True, slots=True)
class Lane:
    """What waits in a lane; `oldest_accepted_at` is None where nothing does."""

    name: str
    waiting: int
    deferred: int
    set_aside: int
    """Not among those that wait: only somebody's hand moves them."""
    oldest_accepted_at: datetime | None

    @property
    def oldest_age(self) -> str:
        """In words, to the largest unit."""
        return timesince(self.oldest_accepted_at, depth=1) if self.oldest_accepted_at else ""


def activity(now: datetime) -> Activity:
    """Hours and midnight are those of the current time zone."""
    this_hour = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    midnight = this_hour.replace(hour=0).astimezone(UTC)
    # Steps in UTC: a day on which the clocks change has 23 or 25 hours.
    first = min(this_hour.astimezone(UTC) - (HOURS - 1) * _HOUR, midnight)
    begins = [first + step * _HOUR for step in range((now - first) // _HOUR + 1)]
    hours = {begin: Hour(begin) for begin in begins}
    for begin, name, number in _events(first):
        if begin in hours:
            hours[begin].counts.add(Counts(**{name: number}))
    today = Counts()
    for hour in hours.values():
        if hour.begin >= midnight:
            today.add(hour.counts)
    return Activity(today, list(hours.values())[-HOURS:])


def lanes() -> list[Lane]:
    """What waits, trigger first."""
    # A statement for each state: its index finds what is open among everything that was.
    rows = [row for state in _MOVING for row in _waiting(state)]
    set_aside = {row["lane"]: row["waiting"] for row in _waiting(DeliveryState.HELD)}
    oldest = Message.objects.in_bulk([row["oldest"] for row in rows])
    return [
        _lane(name, [row for row in rows if row["lane"] == name], oldest, set_aside.get(name, 0))
        for name in ("trigger", "batch")
    ]


def has_submitted_mail() -> bool:
    """Whether any sender address ever sent."""
    return Message.objects.exclude(sender_address="").exists()


def _waiting(state: DeliveryState) -> "QuerySet[Any, Any]":
    return (
        Delivery.objects.filter(state=state)
        .values("lane")
        .annotate(
            waiting=Count("id"),
            deferred=Count("id", filter=Q(attempt_count__gt=0)),
            oldest=Min("message_id"),
        )
    )


def _lane(name: str, rows: Sequence[Any], oldest: dict[int, Message], set_aside: int) -> Lane:
    return Lane(
        name,
        sum(row["waiting"] for row in rows),
        sum(row["deferred"] for row in rows),
        set_aside,
        min((oldest[row["oldest"]].accepted_at for row in rows), default=None),
    )


def _events(first: datetime) -> Iterator[tuple[datetime, str, int]]:
    """Begin of the hour, name of the count, and the count itself."""
    accepted = Delivery.objects.filter(
        message_id__gte=_first_message_id(first), message__accepted_at__gte=first
    )
    for hour, number in _by_hour(accepted, "message__accepted_at", first):
        yield hour, "accepted", number
    finished = Delivery.objects.filter(finished_at__gte=first)
    fates = finished.annotate(is_kept=Q(reason_code__in=reasons.KEPT))
    for hour, state, is_kept, number in _by_hour(fates, "finished_at", first, "state", "is_kept"):
        yield hour, _fate(state, is_kept=is_kept), number
    deferred = Attempt.objects.filter(outcome=AttemptOutcome.DEFERRED, at__gte=first)
    for hour, number in _by_hour(deferred, "at", first):
        yield hour, "deferred", number


def _fate(state: str, *, is_kept: bool) -> str:
    if state == DeliveryState.CANCELLED:
        return "cancelled"
    if state != DeliveryState.RELAYED:
        return "bounced"
    return "kept" if is_kept else "relayed"


def _first_message_id(first: datetime) -> int:
    """Below it no message is as young as `first`, so that old deliveries need not be looked at.

    Messages get their ids when they are committed, a little after they were accepted.
    """
    recent = Message.objects.filter(accepted_at__gte=first - timedelta(minutes=5))
    return recent.order_by("accepted_at").values_list("id", flat=True).first() or 0


def _by_hour(
    rows: "QuerySet[Any, Any]", at: str, first: datetime, *kinds: str
) -> "QuerySet[Any, Any]":
    hour: Func = Func(
        Value(_HOUR), F(at), Value(first), function="date_bin", output_field=DateTimeField()
    )
    grouped = rows.annotate(hour=hour).order_by().values("hour", *kinds)
    counted: QuerySet[Any, Any] = grouped.annotate(number=Count("pk"))
    return counted.values_list("hour", *kinds, "number")
