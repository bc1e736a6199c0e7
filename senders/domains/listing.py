"""Sender domains as a list: what it can be asked for, what it finds, and its file."""

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from senders.dkim_list import sender_domains
from senders.domains.checking import Report
from senders.domains.reading import verified_domains
from senders.listing.asked import Asked, Choice, Listing, Sort
from senders.listing.csv_export import Column
from senders.listing.keyset import Cursor, Key, Order, Slice, moment, number, words
from senders.models import SenderDomain
from senders.sender_domain import DomainState

LISTING = Listing(
    page="senders:domains",
    export="senders:export_domains",
    sorts=(
        Sort(
            "domain",
            Order((Key("domain", words),), descending=False),
            _("Domain, A to Z"),
            _("Domain, Z to A"),
        ),
        Sort(
            "added",
            Order((Key("created_at", moment), Key("id", number))),
            _("Newest first"),
            _("Oldest first"),
            is_by_time=True,
        ),
    ),
    choices=(Choice("state", _("State"), _("All states"), tuple(DomainState.choices)),),
)
COLUMNS: tuple[Column[SenderDomain], ...] = (
    Column("domain", lambda row: row.domain),
    Column("state", lambda row: row.state),
    Column("verified_at", lambda row: row.verified_at),
    Column("failing_since", lambda row: row.failing_since),
    Column("stops_at", lambda row: row.stops_at),
    Column("checked_at", lambda row: row.checked_at),
    Column("return_path_host", lambda row: row.return_path_host),
    Column("return_path_verified_at", lambda row: row.return_path_verified_at),
    Column("not_found", lambda row: " ".join(not_found(row))),
    Column("created_at", lambda row: row.created_at),
)


def fetch(asked: Asked, cursor: Cursor) -> Slice[SenderDomain]:
    return Slice(list(cursor.cut(_found(asked))))


def not_found(row: SenderDomain) -> list[str]:
    """The names of the records that the last check did not find."""
    records = Report.of_json(row.findings).records
    return [each.name for each in records if not each.is_found]


def unadded_domains(search: str = "") -> list[str]:
    """Those that mail is sent from, and that neither are added nor count by one above them."""
    added = set(SenderDomain.objects.order_by().values_list("domain", flat=True))
    verified = verified_domains(timezone.now())
    bare = (name for name in sender_domains() if name not in added and name not in verified)
    return [name for name in bare if search.lower() in name]


def _found(asked: Asked) -> "QuerySet[SenderDomain, SenderDomain]":
    rows: QuerySet[SenderDomain, SenderDomain] = SenderDomain.objects.all()
    if asked.search:
        stored = Q(domain__icontains=asked.search)
        rows = rows.filter(stored | Q(pk__in=_shown_as(asked.search)))
    if state := asked.chosen["state"]:
        rows = rows.filter(state=state)
    return rows


def _shown_as(text: str) -> list[int]:
    """Those that people read differently than they are stored; they are few."""
    if text.isascii():
        return []
    rows = SenderDomain.objects.filter(domain__contains="xn--")
    return [row.pk for row in rows if text.lower() in row.display_domain]
