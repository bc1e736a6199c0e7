"""What was done to mail by hand, as a list: what it can be asked for, what it finds, its file."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from senders.listing.asked import Asked, Choice, Listing, Sort
from senders.listing.csv_export import Column
from senders.listing.keyset import Cursor, Key, Order, Slice, looked_at, number
from smtp_gateway.action_words import WORDS
from smtp_gateway.models import ActionName, MailAction

LOOKED_AT = 10_000
"""Rows that one page of a search looks at."""

LISTING = Listing(
    page="smtp_gateway:actions",
    export="smtp_gateway:export_actions",
    sorts=(
        Sort(
            "time",
            Order((Key("id", number),)),
            _("Newest first"),
            _("Oldest first"),
            is_by_time=True,
        ),
    ),
    choices=(
        Choice(
            "action",
            _("Action"),
            _("All actions"),
            tuple((name, WORDS[name].label) for name in ActionName.values),
        ),
    ),
)
COLUMNS: tuple[Column[MailAction], ...] = (
    Column("at", lambda row: row.at),
    Column("action", lambda row: row.action),
    Column("operator", lambda row: row.operator),
    Column("client_ip", lambda row: row.client_ip),
    Column("recipients", lambda row: row.delivery_count),
    Column("selection", lambda row: row.selection),
)


def fetch(asked: Asked, cursor: Cursor) -> Slice[MailAction]:
    """The actions at `cursor`."""
    rows = MailAction.objects.all()
    if not asked.is_filtered:
        return Slice(list(cursor.cut(rows)))
    until = looked_at(rows, cursor, LOOKED_AT)
    if until is not None:
        rows = rows.filter(cursor.until(until))
    return Slice(list(cursor.cut(rows.filter(_condition(asked)))), until)


def _condition(asked: Asked) -> Q:
    condition = Q()
    if action := asked.chosen["action"]:
        condition &= Q(action=action)
    if asked.search:
        condition &= Q(selection__icontains=asked.search) | Q(operator__icontains=asked.search)
    return condition
