"""What an action is done to: one mail, ticked rows, or all that the mail log's filters find."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from operator import itemgetter, or_
from typing import Literal, get_args
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from senders.listing.asked import search_text
from senders.listing.keyset import number
from smtp_gateway import happened, mail_log, mail_scope
from smtp_gateway.happened import Happened
from smtp_gateway.identity import MailType
from smtp_gateway.mail_scope import Scope
from smtp_gateway.models import ActionName, Delivery, DeliveryState, ShownState
from smtp_gateway.planning import by_index
from smtp_gateway.queue.pacing import WAITING_LANE
from smtp_gateway.walked_search import newest_of_walk

MAX_DELIVERIES = 10_000
"""As many as one action is done to; what is more takes another one."""

_QUEUE_ID = re.compile("[0-9A-Z]{16}")
_ON_PAGE = ("q", "in", "state", *happened.PARAMETERS, *mail_scope.PARAMETERS)
_PLACES = (mail_log.SENDER, mail_log.RECIPIENT, mail_log.SUBJECT)

Of = Literal["mail", "ticked", "found"]
Found = Sequence[tuple[int, int]]
"""Delivery id and message id, newest first."""


class NoSelection(ValueError):
    """A request that names nothing."""


class UnknownFilter(NoSelection):
    """What the request is narrowed to cannot be understood: without it, it would take in more."""


@dataclass(frozen=True, slots=True)
class Selection:
    """As a form carries it."""

    of: Of
    queue_id: str = ""
    delivery_ids: tuple[int, ...] = ()
    """Of a mail: only these of its recipients; none: all."""
    search: str = ""
    where: str = ""
    """What the search looks in, as in `mail_log.Wanted`."""
    state: str = ""
    happened: Happened | None = None
    """Only those to which it happened, as in `mail_log.Wanted`."""
    scope: Scope = field(default_factory=Scope)
    up_to: int | None = None
    """The newest delivery that somebody has seen: what came after is not among what was found."""

    @classmethod
    def of_query(cls, query: QueryDict) -> "Selection":
        """From a URL's query or a form. Raises NoSelection, UnknownFilter."""
        of = query.get("of", "")
        ids = [number(text) for text in query.getlist("delivery")[:MAX_DELIVERIES]]
        state, where = query.get("state", ""), query.get("in", "")
        named = {name: query.get(name, "") for name in _ON_PAGE}
        selection = cls(
            of=of if of in get_args(Of) else "ticked",  # type: ignore[arg-type]
            queue_id=query.get("queue_id", ""),
            delivery_ids=tuple(key for key in ids if key is not None),
            search=search_text(query),
            where=where if where in _PLACES else "",
            state=state if state in ShownState.values else "",
            happened=happened.of_parameters(named),
            scope=Scope.of_parameters(named),
            up_to=number(query.get("up_to", "")),
        )
        if not selection._names_something:
            raise NoSelection
        if selection.of == "found" and not selection._says_all_of(named):
            raise UnknownFilter
        return selection

    @classmethod
    def of_found(cls, wanted: mail_log.Wanted) -> "Selection":
        """All that the mail log finds."""
        return cls(
            "found",
            search=wanted.search,
            where=wanted.where,
            state=wanted.state,
            happened=wanted.happened,
            scope=wanted.scope,
        )

    @property
    def wanted(self) -> mail_log.Wanted:
        """All that the filters say."""
        return mail_log.Wanted(self.search, self.where, self.state, self.happened, self.scope)

    @property
    def is_walked(self) -> bool:
        """Whether no index carries what it asks for together with what an action needs."""
        if self.of != "found":
            return False
        is_open = not self.wanted.is_found_anywhere
        return self.wanted.is_walked or (is_open and self.scope != Scope())

    def _says_all_of(self, named: Mapping[str, str]) -> bool:
        """Whether nothing that was asked for got lost."""
        said = dict(self.fields)
        return all(not value or name == "q" or name in said for name, value in named.items())

    @property
    def _names_something(self) -> bool:
        if self.of == "found":
            return True
        if self.of == "mail":
            return _QUEUE_ID.fullmatch(self.queue_id) is not None
        return bool(self.delivery_ids)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Names and values that make this selection again."""
        pairs = [
            ("of", self.of),
            ("queue_id", self.queue_id),
            *(("delivery", str(delivery_id)) for delivery_id in self.delivery_ids),
            ("q", self.search),
            ("in", self.where),
            ("state", self.state),
            *(self.happened.parameters.items() if self.happened else ()),
            *self.scope.parameters.items(),
            ("up_to", "" if self.up_to is None else str(self.up_to)),
        ]
        return [(name, value) for name, value in pairs if value]

    @property
    def back_url(self) -> str:
        """The page that it was made on."""
        if self.of == "mail":
            return reverse("smtp_gateway:mail", args=[self.queue_id])
        query = urlencode({n: v for n, v in self.fields if n in _ON_PAGE})
        return f"{reverse('smtp_gateway:mail_log')}{query and '?'}{query}"


def find(selection: Selection, action: ActionName) -> Found:
    """What is selected, at most one more than MAX_DELIVERIES.

    Of what the filters find only that which may be in a state for the action: the newest ten
    thousand of a long history would hardly ever be what waits.
    """
    rows = Delivery.objects.all()
    if selection.of == "mail":
        rows = rows.filter(message__queue_id=selection.queue_id)
    if selection.of != "found":
        if selection.delivery_ids:
            rows = rows.filter(pk__in=selection.delivery_ids)
        return _newest(rows)
    if selection.up_to is not None:
        rows = rows.filter(pk__lte=selection.up_to)
    if selection.is_walked:
        candidates = _shown(rows, selection).filter(reduce(or_, _conditions(action)))
        matching = reduce(or_, _matches(selection))
        within = selection.scope.ids()
        return newest_of_walk(candidates, matching, within, most=MAX_DELIVERIES + 1)
    with by_index():
        shown = _shown(rows, selection).filter(selection.scope.ids())
        parts = [
            _newest(shown.filter(condition, match))
            for condition in _conditions(action)
            for match in _matches(selection)
        ]
    merged = sorted({pair for part in parts for pair in part}, reverse=True)
    return merged[: MAX_DELIVERIES + 1]


def _shown(rows: mail_log.Deliveries, selection: Selection) -> mail_log.Deliveries:
    shown = mail_log.in_state(rows, selection.state).filter(selection.scope.condition)
    return happened.those_of(shown, selection.happened) if selection.happened else shown


def _matches(selection: Selection) -> Sequence[Q]:
    return mail_log.matches(selection.search, selection.where) if selection.search else [Q()]


def _newest(rows: QuerySet[Delivery, Delivery]) -> Found:
    newest = rows.order_by("-id").values_list("id", "message_id")
    return list(newest[: MAX_DELIVERIES + 1])


def _conditions(action: ActionName) -> Sequence[Q]:
    """A statement for each, which finds its own index."""
    if action == ActionName.RETRY:
        later = Q(state=DeliveryState.QUEUED, next_attempt_at__gt=timezone.now())
        return [later & Q(lane=lane) for lane in (*get_args(MailType), WAITING_LANE)]
    if action == ActionName.CANCEL:
        return [Q(state=DeliveryState.QUEUED), Q(state=DeliveryState.HELD)]
    if action == ActionName.RELEASE:
        return [Q(state=DeliveryState.HELD)]
    return [Q(finished_at__isnull=False)]


def batches(found: Found, size: int) -> Iterator[list[int]]:
    """Delivery ids, at least `size` at a time; the recipients of a mail stay together."""
    batch: list[int] = []
    for _, rows in groupby(found, key=itemgetter(1)):
        batch += [delivery_id for delivery_id, _ in rows]
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch
