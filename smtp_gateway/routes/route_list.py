"""Routes as a list, in their own order: what it can be asked for, what it finds, and its file."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from senders.listing.asked import Asked, Choice, Listing, Sort
from senders.listing.csv_export import Column
from senders.listing.keyset import Cursor, Key, Order, Slice, number
from smtp_gateway.routes.reading import Row

ON, OFF = "on", "off"

LISTING = Listing(
    page="smtp_gateway:routes",
    export="smtp_gateway:export_routes",
    sorts=(Sort("order", Order((Key("number", number),), descending=False), _("In their order")),),
    choices=(Choice("state", _("State"), _("All states"), ((ON, _("On")), (OFF, _("Off")))),),
)
COLUMNS: tuple[Column[Row], ...] = (
    Column("number", lambda row: row.number),
    Column("name", lambda row: row.spec.name),
    Column("enabled", lambda row: row.is_enabled),
    Column("kind", lambda row: row.spec.kind),
    Column("mail_type", lambda row: row.spec.mail_type),
    Column("sender_domains", lambda row: " ".join(row.spec.sender_domains)),
    Column("recipient_domains", lambda row: " ".join(row.spec.recipient_domains)),
    Column("leads_to", lambda row: row.words.where),
    Column("details", lambda row: "; ".join(row.words.details)),
    Column("max_connections", lambda row: row.spec.max_connections),
    Column("mails_per_minute", lambda row: row.spec.mails_per_minute),
    Column("problem", lambda row: row.spec.problem),
)


def fetch(every: Sequence[Row], asked: Asked, cursor: Cursor) -> Slice[Row]:
    """Of `every` route those that are found, at `cursor`: an operator has a handful of them."""
    found = [row for row in every if _matches(row, asked)]
    if cursor.edge is not None:
        (edge,) = cursor.edge
        found = [row for row in found if _is_beyond(row.number, edge, cursor)]
    return Slice((found[::-1] if cursor.is_upwards else found)[: cursor.size + 1])


def _is_beyond(place: int, edge: int, cursor: Cursor) -> bool:
    return place < edge if cursor.is_upwards else place > edge


def _matches(row: Row, asked: Asked) -> bool:
    if asked.chosen["state"] and (asked.chosen["state"] == ON) is not row.is_enabled:
        return False
    spec, text = row.spec, asked.search.lower()
    searched = (
        spec.name, row.words.mail, row.words.where, *spec.sender_domains, *spec.recipient_domains,
    )  # fmt: skip
    return any(text in each.lower() for each in searched)
