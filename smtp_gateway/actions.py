"""What operators do to mail by hand, with its audit trail: every page comes through here.

Done in batches, each of which is committed with its part of the trail: what was done is in the
trail, whatever happens in between.
"""

import functools
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from senders.audit.recording import Target, record
from smtp_gateway import directory, wake
from smtp_gateway.action_words import SENTENCES, counted
from smtp_gateway.models import ActionName, Delivery, MailAction, Route, RouteKind, ShownState
from smtp_gateway.obstacles import Action, Facts, Obstacle, obstacle
from smtp_gateway.queue import acting, sending_again
from smtp_gateway.queue.acting import Acted
from smtp_gateway.queue.facts import facts_of
from smtp_gateway.queue.sending_again import AgainRules
from smtp_gateway.selection import MAX_DELIVERIES, Found, Selection, batches, find
from smtp_gateway.walked_search import is_too_long

_BATCH = 500
_AGAIN_BATCH = 50
"""Contents may have many MiB each."""
_NAMED = 50

_TOLD: dict[str, str] = {
    ActionName.RETRY: "mail.retried",
    ActionName.CANCEL: "mail.cancelled",
    ActionName.RELEASE: "mail.released",
    ActionName.SEND_AGAIN: "mail.sent_again",
}
_TOLD_CHARACTERS = 400

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, and from where."""

    operator: str
    client_ip: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an action would do now."""

    able: int
    """For so many recipients it can be done."""
    why_not: str
    """The sentence, where one is selected and it cannot be done; empty otherwise."""
    left: Sequence[str]
    """Of several: how many would stay as they are, and what they are."""
    is_more: bool
    """More are selected than one action is done to."""
    is_partial: bool
    """The search looked at the newest mail only."""
    newest: int | None
    """The newest delivery of the selection; None: it is empty."""
    relayed_before: int
    """How many of them would get the mail once more."""
    known_event: int
    recipient: str
    """Where there is one only."""


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did."""

    count: int
    left: int
    """How many of the selected stayed as they were."""
    queue_ids: tuple[str, ...] = ()
    recipient: str = ""
    """Where there is one only."""


def preview(action: ActionName, selection: Selection) -> Preview:
    """Looks, and does nothing."""
    found = find(selection, action)
    ids = _ids(found)
    able, relayed_before = 0, 0
    obstacles: Counter[Obstacle] = Counter()
    leads_out = _leads_out()
    for facts, count in facts_of(ids, suspended=directory.suspended_addresses()):
        blocked = obstacle(_name(action), facts, leads_out=leads_out)
        if blocked:
            obstacles[blocked] += count
        else:
            able += count
            relayed_before += count if _was_relayed(facts) else 0
    return Preview(
        able=able,
        why_not="".join(str(SENTENCES[one]) for one in obstacles) if len(ids) == 1 else "",
        left=[counted(one, count) for one, count in obstacles.items()] if len(ids) > 1 else [],
        is_more=len(found) > MAX_DELIVERIES,
        is_partial=len(found) <= MAX_DELIVERIES and _is_too_long(selection),
        newest=found[0][0] if found else None,
        relayed_before=relayed_before,
        known_event=sending_again.newest_event(),
        recipient=_recipient(ids),
    )


def _is_too_long(selection: Selection) -> bool:
    return selection.is_walked and is_too_long(selection.scope.ids())


def act(action: ActionName, selection: Selection, *, by: By, known_event: int) -> Done:
    """Does it to all that is selected and that it fits, at most MAX_DELIVERIES of them."""
    found = find(selection, action)[:MAX_DELIVERIES]
    run = _statement(action, by.operator, known_event)
    trail = _Trail(action, by, _in_words(selection, found), _target(selection))
    size = _AGAIN_BATCH if action == ActionName.SEND_AGAIN else _BATCH
    all_acted = [_act_on(batch, run, trail) for batch in batches(found, size)]
    done = Done(
        count=sum(acted.count for acted in all_acted),
        left=len(found) - sum(acted.count for acted in all_acted),
        queue_ids=tuple(queue_id for acted in all_acted for queue_id in acted.queue_ids),
        recipient=_recipient(_ids(found)),
    )
    trail.end(done)
    if done.count and action != ActionName.CANCEL:
        hints = {lane for acted in all_acted for lane in acted.lanes}
        if action == ActionName.RETRY:
            hints.add(wake.RELEASE_HOLDS)
        transaction.on_commit(functools.partial(wake.send_hint, *sorted(hints)))
    return done


class _Trail:
    """The row of the trail, written with the first batch and counted up with the others.

    The audit log, in which nothing is ever counted up, tells of it from the first batch on.
    """

    def __init__(self, action: ActionName, by: By, words: str, on: Target) -> None:
        self._on = on
        self._row = MailAction(
            action=action, operator=by.operator, client_ip=by.client_ip, selection=words
        )

    def add(self, count: int) -> None:
        if self._row.pk:
            rows = MailAction.objects.filter(pk=self._row.pk)
            rows.update(delivery_count=F("delivery_count") + count)
        elif count:
            self._row.at, self._row.delivery_count = timezone.now(), count
            self._row.save()
            selected = {"selection": self._row.selection[:_TOLD_CHARACTERS]}
            record(action=_TOLD[self._row.action], on=self._on, after=selected)

    def end(self, done: Done) -> None:
        facts = {
            "operator": self._row.operator,
            "client_ip": self._row.client_ip,
            "selection": self._row.selection[:200],
            "count": done.count,
        }
        log.info("mail.%s", self._row.action, extra=facts)


def _target(selection: Selection) -> Target:
    if selection.of != "mail":
        return Target("mail", path=reverse("smtp_gateway:actions"))
    page = reverse("smtp_gateway:mail", args=[selection.queue_id])
    return Target("mail", selection.queue_id, selection.queue_id, page)


def _act_on(batch: list[int], run: Callable[[list[int]], Acted], trail: _Trail) -> Acted:
    with transaction.atomic():
        acted = run(batch)
        trail.add(acted.count)
    return acted


def _statement(action: ActionName, operator: str, known_event: int) -> Callable[[list[int]], Acted]:
    if action == ActionName.SEND_AGAIN:
        rules = AgainRules(directory.suspended_addresses(), _leads_out(), known_event)
        return functools.partial(sending_again.send_again, operator=operator, rules=rules)
    statements = {
        ActionName.RETRY: acting.retry,
        ActionName.CANCEL: acting.cancel,
        ActionName.RELEASE: acting.release,
    }
    return functools.partial(statements[action], operator=operator)


def _leads_out() -> bool:
    """Whether mail can leave this machine at all."""
    routes = Route.objects.filter(is_enabled=True).exclude(kind=RouteKind.MAILBOX)
    return bool(settings.RELAY_URL) or routes.exists()


def _was_relayed(facts: Facts) -> bool:
    return facts.state == ShownState.RELAYED and not facts.is_kept


def _name(action: ActionName) -> Action:
    return action.value  # type: ignore[return-value]


def _ids(found: Found) -> list[int]:
    return [delivery_id for delivery_id, _ in found[:MAX_DELIVERIES]]


def _recipient(ids: Sequence[int]) -> str:
    if len(ids) != 1:
        return ""
    recipients = Delivery.objects.filter(pk=ids[0]).values_list("recipient", flat=True)
    return recipients.first() or ""


def _in_words(selection: Selection, found: Found) -> str:
    """For the audit trail: queue ids and recipients, or the filter's words."""
    if selection.of == "mail" and not selection.delivery_ids:
        return f"{selection.queue_id}, all recipients"
    if selection.of == "found":
        state = f"in state {ShownState(selection.state).label}" if selection.state else ""
        search = f"found by “{selection.search}”" if selection.search else ""
        told = [search, state, str(selection.scope), str(selection.happened or "")]
        return " ".join(["All mail", *filter(None, told)])
    rows = Delivery.objects.filter(pk__in=_ids(found)[:_NAMED]).order_by("-id")
    named = [
        f"{queue_id} to {to}" for queue_id, to in rows.values_list("message__queue_id", "recipient")
    ]
    more = len(found) - len(named)
    return "\n".join([*named, *([f"and {more} more"] if more else [])])
