"""The list of suppressions: what it can be asked for, what it finds, and its file."""

import re
from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from senders.listing.asked import Asked, Choice, Listing, Sort, search_text
from senders.listing.csv_export import Column
from senders.listing.keyset import Cursor, Key, Order, Slice, number, words
from senders.suppression import (
    Reason,
    Scope,
    Suppression,
    SuppressionQuerySet,
    SuppressionState,
    suppressing_senders,
)
from senders.suppressions.target import target_of_recipient
from verification.mail_address import display

EVERY_STATE = "all"
_MOST_SENDERS = 200
_QUEUE_ID = re.compile("[0-9A-Z]{16}")
_BY_TIME = Sort(
    "since", Order((Key("id", number),)), _("Newest first"), _("Oldest first"), is_by_time=True
)
_BY_TARGET = Sort(
    "recipient",
    Order((Key("target", words), Key("id", number)), descending=False),
    _("Recipient, A to Z"),
    _("Recipient, Z to A"),
)
_STATES = (
    (SuppressionState.EXPIRED, SuppressionState.EXPIRED.label),
    (SuppressionState.LIFTED, SuppressionState.LIFTED.label),
    (EVERY_STATE, _("All states")),
)

COLUMNS: tuple[Column[Suppression], ...] = (
    Column("target", lambda row: row.target),
    Column("reason", lambda row: row.reason),
    Column("scope", lambda row: row.scope),
    Column("sender_address", lambda row: row.sender_address),
    Column("mail_type", lambda row: row.mail_type),
    Column("created_at", lambda row: row.created_at),
    Column("expires_at", lambda row: row.expires_at),
    Column("times", lambda row: row.times),
    Column("category", lambda row: row.category),
    Column("evidence", lambda row: row.evidence),
    Column("note", lambda row: row.note),
    Column("queue_id", lambda row: row.queue_id),
    Column("caused_by", lambda row: row.caused_by),
    Column("ended_at", lambda row: row.ended_at),
    Column("lifted_by", lambda row: row.lifted_by),
    Column("lift_reason", lambda row: row.lift_reason),
)


def listing_for(query: Mapping[str, str]) -> Listing:
    """What a search finds stands in the order of its index: that of the recipients."""
    return Listing(
        page="senders:suppressions",
        export="senders:export_suppressions",
        sorts=(_BY_TARGET,) if search_text(query) else (_BY_TIME, _BY_TARGET),
        choices=(
            Choice("reason", _("Reason"), _("All reasons"), tuple(Reason.choices)),
            Choice("scope", _("Applies to"), _("All scopes"), tuple(Scope.choices)),
            Choice("sender", _("Sender address"), _("All sender addresses"), _senders(query)),
            Choice("state", _("State"), _("Suppressed now"), _STATES),
        ),
    )


def fetch(asked: Asked, cursor: Cursor) -> Slice[Suppression]:
    """A statement for each condition of the search, which finds its own index."""
    rows = filtered(asked.chosen)
    if not asked.search:
        return Slice(list(cursor.cut(rows)))
    found = {
        row.pk: row
        for condition in conditions(asked.search)
        for row in cursor.cut(rows.filter(condition))
    }
    in_order = sorted(
        found.values(), key=lambda row: (row.target, row.pk), reverse=cursor.is_descending
    )
    return Slice(in_order[: cursor.size + 1])


def filtered(chosen: Mapping[str, str]) -> SuppressionQuerySet:
    """All that the filters find."""
    rows: SuppressionQuerySet = Suppression.objects.all()
    state = chosen.get("state") or SuppressionState.LIVING
    if state != EVERY_STATE:
        rows = rows.in_state(state, timezone.now())
    if reason := chosen.get("reason"):
        rows = rows.filter(reason=reason)
    if scope := chosen.get("scope"):
        rows = rows.filter(scope=scope)
    if sender := chosen.get("sender"):
        rows = rows.of_sender(sender)
    return rows


def conditions(search: str) -> Sequence[Q]:
    """How an address begins, a whole domain, or the queue id of the mail that led to it."""
    if _QUEUE_ID.fullmatch(search):
        return [Q(queue_id=search)]
    form = target_of_recipient(search.strip("<>"))
    if form.startswith("@"):
        return [Q(domain=form[1:])]
    begins = Q(target__startswith=form)
    return [begins] if "@" in form or "." not in form else [begins, Q(domain=form)]


def found(asked: Asked) -> SuppressionQuerySet:
    """All that the search and the filters find, in no order."""
    rows = filtered(asked.chosen)
    if not asked.search:
        return rows
    match = Q()
    for condition in conditions(asked.search):
        match |= condition
    return rows.filter(match)


def _senders(query: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    names = suppressing_senders(_MOST_SENDERS)
    asked = query.get("sender", "").replace("\0", "")
    if asked and asked not in names:
        names.append(asked)
    return tuple((name, display(name)) for name in names)
