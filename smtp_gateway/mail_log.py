"""What the mail log finds: deliveries by where they stand and by one search text.

Reads only. What an index carries is found in all of the history. What none carries, a part of a
subject or a domain, is looked for in a part of it at a time, so that no search takes long beside a
queue of millions: the page says how far it has looked, and goes on from there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.db.models.functions import Substr

from senders.listing.keyset import Cursor, Slice, looked_at
from smtp_gateway import reasons
from smtp_gateway.happened import Happened, those_of
from smtp_gateway.mail_scope import Scope
from smtp_gateway.models import Delivery, DeliveryState, Message, MessageContent, ShownState
from smtp_gateway.planning import by_index, first_rows
from smtp_gateway.searched_address import stored_forms

Deliveries = QuerySet[Delivery, Delivery]

FEW = 1000
"""As many matches are gathered and sorted; where there are more, the history is walked."""
LOOKED_AT = 3000
"""Deliveries that one page of a walk looks at."""
SENDER, RECIPIENT, SUBJECT = "from", "to", "subject"

_HEADER_BYTES = 64 * 1024
_LIKE_A_DOMAIN = re.compile(r"[^\s@<>]+\.[^\s@<>]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the log. `state` is one of ShownState or empty: all."""

    search: str = ""
    where: str = ""
    """SENDER, RECIPIENT or SUBJECT; empty: in addresses and ids."""
    state: str = ""
    happened: Happened | None = None
    """Only those to which it happened."""
    scope: Scope = field(default_factory=Scope)

    @property
    def is_walked(self) -> bool:
        """Whether no index carries the search."""
        return bool(self.search) and (self.where == SUBJECT or self.search.startswith("@"))

    @property
    def is_found_anywhere(self) -> bool:
        """Whether some index leads to all that may be of it, wherever in the history that is."""
        return bool(self.search or self.scope.sender or self.happened)


def fetch(wanted: Wanted, cursor: Cursor) -> Slice[Delivery]:
    """The deliveries at `cursor`, which is ordered by id, with their messages."""
    # What happened in some time is found by summaries of blocks, which are read as a bitmap.
    with by_index() if wanted.happened else first_rows():
        rows, within = _rows(wanted), wanted.scope.ids()
        gathered = _conditions(wanted)
        # No index has a mail type.
        if wanted.is_walked or (wanted.scope.mail_type and not gathered):
            return _walk(wanted, cursor, within)
        if not gathered:
            return Slice(list(cursor.cut(rows.filter(within))))
        ids = _few(_among(wanted), gathered)
        if ids is None:
            return _walk(wanted, cursor, within)
        return Slice(list(cursor.cut(rows.filter(pk__in=ids))))


def understood(wanted: Wanted) -> Wanted:
    """What reads like a domain is one where no address begins with it, and nothing is called so."""
    if wanted.where == SUBJECT or not _LIKE_A_DOMAIN.fullmatch(wanted.search):
        return wanted
    with first_rows():
        found = _few(Delivery.objects.all(), matches(wanted.search, wanted.where))
    return replace(wanted, search=f"@{wanted.search}") if found == set() else wanted


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


def in_state(deliveries: Deliveries, state: str) -> Deliveries:
    """Each state with the condition of the index that finds it."""
    if state == ShownState.DEFERRED:
        return deliveries.filter(state=DeliveryState.QUEUED, attempt_count__gt=0)
    if state == ShownState.QUEUED:
        return deliveries.filter(state=DeliveryState.QUEUED, attempt_count=0)
    if state == ShownState.KEPT:
        return deliveries.filter(reason_code__in=reasons.KEPT)
    if state == ShownState.RETURNED:
        return deliveries.filter(reason_code=reasons.BOUNCED_LATER)
    if state in (ShownState.LEASED, ShownState.HELD):
        return deliveries.filter(state=state)
    if not state:
        return deliveries
    ended = deliveries.filter(state=state, finished_at__isnull=False)
    ended = ended.exclude(reason_code__in=reasons.KEPT)
    is_relayed = state == ShownState.RELAYED
    return ended.exclude(reason_code=reasons.BOUNCED_LATER) if is_relayed else ended


def matches(search: str, where: str = "") -> list[Q]:
    """One condition for each thing that a search text may be.

    Each has its index, but for a part of a subject and for a domain, `@example.com`.
    """
    if where == SUBJECT:
        return [Q(message__subject__icontains=search)]
    if search.startswith("@"):
        return _of_domain(search, where)
    forms = stored_forms(search)
    senders = [condition for form in forms for condition in _of_sender(form)]
    recipients = [condition for form in forms for condition in _of_recipient(form)]
    if where:
        return senders if where == SENDER else recipients
    message_id = f"<{search.strip('<>')}>"
    return [
        Q(message__message_id__in=[search, message_id]),
        Q(message__queue_id__startswith=search.upper()),
        *recipients,
        *senders,
    ]


def _of_sender(beginning: str) -> list[Q]:
    return [
        Q(message__sender_address__startswith=beginning),
        # DirectMail's own mail has no sender address; it is found by its envelope.
        Q(message__sender_address="", message__mail_from__istartswith=beginning),
    ]


def _of_recipient(beginning: str) -> list[Q]:
    return [
        Q(recipient__istartswith=beginning) & ~Q(state=DeliveryState.LEASED),
        Q(recipient__istartswith=beginning, state=DeliveryState.LEASED),
    ]


def _of_domain(search: str, where: str) -> list[Q]:
    forms = stored_forms(search)
    senders = [Q(message__mail_from__iendswith=form) for form in forms]
    recipients = [Q(recipient__iendswith=form) for form in forms]
    return {SENDER: senders, RECIPIENT: recipients}.get(where, [*senders, *recipients])


def _rows(wanted: Wanted) -> Deliveries:
    rows = in_state(Delivery.objects.select_related("message"), wanted.state)
    return _of_happened(rows, wanted).filter(wanted.scope.condition)


def _among(wanted: Wanted) -> Deliveries:
    """Where the few are looked for: what happened in some time is much without its sender."""
    rows: Deliveries = Delivery.objects.all()
    return those_of(rows, wanted.happened).filter(wanted.scope.whose) if wanted.happened else rows


def _of_happened(deliveries: Deliveries, wanted: Wanted) -> Deliveries:
    return those_of(deliveries, wanted.happened) if wanted.happened else deliveries


def _conditions(wanted: Wanted) -> list[Q]:
    """What finds the rows in no order; none: an index has them in order."""
    if wanted.search:
        return matches(wanted.search, wanted.where)
    if wanted.happened:
        return [Q()]
    if wanted.scope.sender:
        return [wanted.scope.of_sender]
    is_unordered = wanted.state in (ShownState.QUEUED, ShownState.LEASED)
    return [Q(state=wanted.state)] if is_unordered else []


def _few(among: Deliveries, conditions: Sequence[Q]) -> set[int] | None:
    """The ids that the conditions find; None: they are many."""
    ids: set[int] = set()
    for condition in conditions:
        found = among.filter(condition).values_list("id", flat=True)[: FEW + 1]
        ids.update(found)
        if len(ids) > FEW:
            return None
    return ids


def _walk(wanted: Wanted, cursor: Cursor, within: Q) -> Slice[Delivery]:
    has_order = wanted.state not in (ShownState.QUEUED, ShownState.LEASED)
    walked = in_state(Delivery.objects.filter(within), wanted.state if has_order else "")
    until = looked_at(walked, cursor, LOOKED_AT)
    rows = _rows(wanted).filter(within)
    if until is not None:
        rows = rows.filter(cursor.until(until))
    if wanted.search:
        rows = rows.filter(reduce(or_, matches(wanted.search, wanted.where)))
    return Slice(list(cursor.cut(rows)), until)
