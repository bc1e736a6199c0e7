"""The recipients of a mail, a page at a time, each with what its last attempt came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from senders.listing.keyset import Cursor, Key, Order, Slice, number, page, written
from smtp_gateway import reasons
from smtp_gateway.action_words import WORDS, ActionWords
from smtp_gateway.models import TRIED, Attempt, Delivery, DeliveryState, Message, ShownState
from smtp_gateway.obstacles import Action, offered

Deliveries = QuerySet[Delivery, Delivery]
_ORDER = Order((Key("id", number),), descending=False)
Actions = Sequence[tuple[Action, ActionWords]]


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """One line of the table."""

    delivery: Delivery
    last: Attempt | None
    """What a relay tried last; None: nothing yet."""


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many recipients are in a state."""

    state: ShownState
    count: int


@dataclass(frozen=True, slots=True)
class RecipientsPage:
    """Recipients in the order in which they were given, and the edges of the pages beside it."""

    rows: Sequence[RecipientRow]
    above: str
    below: str


def recipients_page(message: Message, state: str, query: Mapping[str, str]) -> RecipientsPage:
    """`state` is one of ShownState, or empty: all."""
    deliveries = Delivery.objects.filter(_in(state), message=message).prefetch_related("reports")

    def fetch(cursor: Cursor) -> Slice[Delivery]:
        return Slice(list(cursor.cut(deliveries)))

    found = page(Cursor.of(_ORDER, query), fetch)
    return RecipientsPage(_rows(found.rows), written(found.above), written(found.below))


def state_counts(message: Message) -> Sequence[StateCount]:
    """Of all recipients, in the order of ShownState."""
    of_it = Delivery.objects.filter(message=message)
    wanted = {f"in_{state.value}": Count("pk", filter=_in(state)) for state in ShownState}
    counted = of_it.aggregate(**wanted)
    pairs = [(state, counted[f"in_{state.value}"]) for state in ShownState]
    return [StateCount(state, count) for state, count in pairs if count]


def actions_for_all(message: Message, now: datetime, *, has_content: bool) -> Actions:
    """What can be done to at least one of them, the likeliest first."""
    due = ExpressionWrapper(Q(next_attempt_at__lte=now), output_field=BooleanField())
    of_it = Delivery.objects.filter(message=message).annotate(is_due=due)
    kinds = of_it.order_by().values_list("state", "is_due").distinct()
    names = [
        name
        for state, is_due in sorted(kinds)
        for name in offered(state, is_due=is_due, has_content=has_content)
    ]
    return [(name, WORDS[name]) for name in dict.fromkeys(names)]


def actions_for(delivery: Delivery, now: datetime, *, has_content: bool) -> Actions:
    """What can be done to this one."""
    is_due = delivery.next_attempt_at <= now
    names = offered(delivery.state, is_due=is_due, has_content=has_content)
    return [(name, WORDS[name]) for name in names]


def is_any_open(message: Message) -> bool:
    """Whether something can still change by itself."""
    moving = (DeliveryState.QUEUED, DeliveryState.LEASED)
    return Delivery.objects.filter(message=message, state__in=moving).exists()


def _in(state: str) -> Q:
    if state == ShownState.DEFERRED:
        return Q(state=DeliveryState.QUEUED, attempt_count__gt=0)
    if state == ShownState.QUEUED:
        return Q(state=DeliveryState.QUEUED, attempt_count=0)
    kept = Q(state=DeliveryState.RELAYED, reason_code__in=reasons.KEPT)
    if state == ShownState.KEPT:
        return kept
    if state == ShownState.RETURNED:
        return Q(reason_code=reasons.BOUNCED_LATER)
    if state == ShownState.RELAYED:
        return Q(state=DeliveryState.RELAYED) & ~kept & ~Q(reason_code=reasons.BOUNCED_LATER)
    return Q(state=state) if state else Q()


def _rows(deliveries: Sequence[Delivery]) -> Sequence[RecipientRow]:
    tried = Attempt.objects.filter(delivery=OuterRef("pk"), outcome__in=TRIED)
    of_page = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
    last = of_page.values_list(Subquery(tried.order_by("-id").values("pk")[:1]), flat=True)
    attempts = {
        attempt.delivery_id: attempt
        for attempt in Attempt.objects.filter(pk__in=[pk for pk in last if pk is not None])
    }
    return [RecipientRow(delivery, attempts.get(delivery.pk)) for delivery in deliveries]
