"""What came back, as a list: what it can be asked for, what it finds, and its file."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from senders.listing.asked import Asked, Choice, Listing, Sort
from senders.listing.csv_export import Column
from senders.listing.days import FROM_TO, Span
from senders.listing.keyset import Cursor, Key, Order, Slice, looked_at, number
from smtp_gateway.ids_in_time import RETURNS, ids_in
from smtp_gateway.models import ReturnedMail, ReturnKind
from smtp_gateway.planning import first_rows
from smtp_gateway.searched_address import stored_forms

UNMATCHED, HARD = "unmatched", "hard"
LOOKED_AT = 3000
"""Mails that one page of a search for a domain looks at."""

LISTING = Listing(
    page="smtp_gateway:returns",
    export="smtp_gateway:export_returns",
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
        Choice("kind", _("Kind"), _("All kinds"), tuple(ReturnKind.choices)),
        Choice(
            "show",
            _("Show"),
            _("Everything"),
            ((HARD, _("Counted against the sender")), (UNMATCHED, _("About no mail we know"))),
        ),
    ),
    days=FROM_TO,
)
COLUMNS: tuple[Column[ReturnedMail], ...] = (
    Column("received_at", lambda row: row.received_at),
    Column("kind", lambda row: row.kind),
    Column("queue_id", lambda row: row.queue_id),
    Column("sender_address", lambda row: row.sender_address),
    Column("mail_type", lambda row: row.mail_type),
    Column("recipient", lambda row: row.recipient),
    Column("status", lambda row: row.status),
    Column("diagnostic", lambda row: row.diagnostic),
    Column("category", lambda row: row.category),
    Column("fault", lambda row: row.fault),
    Column("counted", lambda row: row.is_counted),
    Column("repeat", lambda row: row.is_repeat),
    Column("feedback_type", lambda row: row.feedback_type),
    Column("reporting_host", lambda row: row.reporting_host),
    Column("read_by", lambda row: row.read_by),
    Column("from", lambda row: row.from_header),
    Column("subject", lambda row: row.subject),
    Column("client_ip", lambda row: row.client_ip),
)


def fetch(asked: Asked, cursor: Cursor) -> Slice[ReturnedMail]:
    """Those at `cursor`, without their bytes."""
    days = Span.of(asked.chosen)
    with first_rows():
        rows = ReturnedMail.objects.defer("raw").filter(ids_in(days, RETURNS))
        rows, until = rows.filter(days.condition("received_at")), None
        if asked.search.startswith("@"):
            until = looked_at(rows, cursor, LOOKED_AT)
            rows = rows.filter(cursor.until(until)) if until is not None else rows
        return Slice(list(cursor.cut(rows.filter(_condition(asked)))), until)


def _condition(asked: Asked) -> Q:
    condition = Q()
    if kind := asked.chosen["kind"]:
        condition &= Q(kind=kind)
    if asked.chosen["show"] == UNMATCHED:
        condition &= Q(queue_id="", processed_at__isnull=False)
    elif asked.chosen["show"] == HARD:
        condition &= Q(is_counted=True)
    return condition & _matching(asked.search) if asked.search else condition


def _matching(search: str) -> Q:
    """An address by how it begins, a domain, or the queue id of the mail that it is about."""
    condition = Q(queue_id=search.upper())
    for form in stored_forms(search):
        if form.startswith("@"):
            condition |= Q(sender_address__endswith=form) | Q(recipient__iendswith=form)
        else:
            condition |= Q(sender_address__startswith=form) | Q(recipient__istartswith=form)
    return condition
