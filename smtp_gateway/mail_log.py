"""What the mail log finds: deliveries, newest first, by state and by one search text.

Reads only. Every search is cut by an index of its own before the results are merged, so that the
log stays quick beside a queue of millions.
"""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.db.models.functions import Substr

from smtp_gateway import reasons
from smtp_gateway.keyset import Cursor, Page, page
from smtp_gateway.models import Delivery, DeliveryState, Message, MessageContent, ShownState
from smtp_gateway.searched_address import stored_forms

Deliveries = QuerySet[Delivery, Delivery]

_HEADER_BYTES = 64 * 1024


def deliveries_page(*, search: str, state: str, cursor: Cursor) -> Page[Delivery]:
    """One page of the log. `state` is one of ShownState or empty: all."""

    def fetch(cursor: Cursor) -> Sequence[Delivery]:
        return _fetch(search, state, cursor)

    return page(cursor, fetch, lambda delivery: delivery.pk)


def find_message(queue_id: str) -> Message | None:
    """The message with its deliveries, their attempts in order, and the reports on them."""
    messages = Message.objects.select_related("caught")
    events = messages.prefetch_related("deliveries__attempts", "deliveries__reports")
    return events.filter(queue_id=queue_id).first()


def header_bytes(message: Message) -> bytes:
    """The beginning of the mail, long enough for its headers; empty where no content is kept."""
    contents = MessageContent.objects.filter(pk=message.pk)
    head = contents.values_list(Substr("body", 1, _HEADER_BYTES), flat=True).first()
    return bytes(head) if head else b""


def _fetch(search: str, state: str, cursor: Cursor) -> Sequence[Delivery]:
    candidates = in_state(Delivery.objects.all(), state)
    rows = Delivery.objects.select_related("message")
    if not search:
        return list(cursor.cut(in_state(rows, state), "id"))
    ids = [
        delivery_id
        for condition in matches(search)
        for delivery_id in cursor.cut(
            candidates.filter(condition).values_list("id", flat=True), "id"
        )
    ]
    return list(cursor.cut(rows.filter(pk__in=set(ids)), "id"))


def in_state(deliveries: Deliveries, state: str) -> Deliveries:
    """Each state with the condition of the index that finds it."""
    if state == ShownState.DEFERRED:
        return deliveries.filter(state=DeliveryState.QUEUED, attempt_count__gt=0)
    if state == ShownState.QUEUED:
        return deliveries.filter(state=DeliveryState.QUEUED, attempt_count=0)
    if state == ShownState.KEPT:
        return deliveries.filter(reason_code__in=reasons.KEPT)
    if state in (ShownState.LEASED, ShownState.HELD):
        return deliveries.filter(state=state)
    finished = deliveries.filter(state=state, finished_at__isnull=False)
    if state == ShownState.RELAYED:
        return finished.exclude(reason_code__in=reasons.KEPT)
    return finished if state else deliveries


def matches(search: str) -> list[Q]:
    """One condition for each thing that a search text may be; each has its index."""
    message_id = f"<{search.strip('<>')}>"
    return [
        Q(message__message_id__in=[search, message_id]),
        Q(message__queue_id__startswith=search.upper()),
        *(condition for form in stored_forms(search) for condition in _of_address(form)),
    ]


def _of_address(beginning: str) -> list[Q]:
    return [
        Q(recipient__istartswith=beginning) & ~Q(state=DeliveryState.LEASED),
        Q(recipient__istartswith=beginning, state=DeliveryState.LEASED),
        Q(message__sender_address__startswith=beginning),
        # DirectMail's own mail has no sender address; it is found by its envelope.
        Q(message__sender_address="", message__mail_from__istartswith=beginning),
    ]
