"""DKIM keys as a list of domains: what it can be asked for, what it finds, and its file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from senders import dkim_services
from senders.dkim_key import KeyState
from senders.listing.asked import Asked, Choice, Listing, Sort
from senders.listing.csv_export import Column
from senders.listing.keyset import Cursor, Key, Order, Slice, walk, words
from senders.models import DkimKey, SenderAddress
from verification.mail_address import display

DOMAINS_EACH = 20
"""On a page; each has a panel with the records of its keys."""

LISTING = Listing(
    page="senders:dkim_keys",
    export="senders:export_dkim_keys",
    page_size=DOMAINS_EACH,
    sorts=(
        Sort(
            "domain",
            Order((Key("domain", words),), descending=False),
            _("Domain, A to Z"),
            _("Domain, Z to A"),
        ),
    ),
    choices=(
        Choice(
            "state",
            _("State"),
            _("All states"),
            (
                (KeyState.NEW, _("With keys not active yet")),
                (KeyState.ACTIVE, _("With active keys")),
                (KeyState.RETIRED, _("With retired keys")),
            ),
        ),
    ),
)
COLUMNS: tuple[Column[DkimKey], ...] = (
    Column("domain", lambda key: key.domain),
    Column("selector", lambda key: key.selector),
    Column("algorithm", lambda key: key.algorithm),
    Column("state", lambda key: key.state.value),
    Column("created_at", lambda key: key.created_at),
    Column("activated_at", lambda key: key.activated_at),
    Column("retired_at", lambda key: key.retired_at),
    Column("record_name", lambda key: key.record.name),
    Column("record_type", lambda key: "TXT"),
    Column("record_value", lambda key: key.record.value),
)
_IN_STATE = {
    KeyState.NEW: Q(activated_at=None),
    KeyState.ACTIVE: Q(activated_at__isnull=False, retired_at=None),
    KeyState.RETIRED: Q(retired_at__isnull=False),
}


@dataclass(frozen=True)
class DomainKeys:
    """A domain and its keys, newest first, each with whether it can be opened."""

    domain: str
    keys: list[tuple[DkimKey, bool]]

    @property
    def display_domain(self) -> str:
        return display(self.domain)

    @property
    def is_signed(self) -> bool:
        return any(key.state is KeyState.ACTIVE for key, _ in self.keys)

    @property
    def has_new(self) -> bool:
        return any(key.state is KeyState.NEW for key, _ in self.keys)


def fetch(asked: Asked, cursor: Cursor) -> Slice[DomainKeys]:
    """The domains at `cursor`, with all of their keys."""
    found = _found(asked).order_by().values("domain").distinct()
    domains = [row["domain"] for row in cursor.cut(found)]
    return Slice([DomainKeys(domain, keys) for domain, keys in _keys_of(domains)])


def batches(asked: Asked) -> Iterator[Sequence[DkimKey]]:
    """The keys for the file, domain by domain."""
    for domains in walk(asked.export_cursor, lambda cursor: fetch(asked, cursor)):
        yield [key for each in domains for key, _ in each.keys]


def bare_domains(search: str = "") -> list[str]:
    """Those that mail is sent from, without any keys, in order."""
    keyed = set(DkimKey.objects.present().order_by().values_list("domain", flat=True).distinct())
    return [each for each in sender_domains() if search.lower() in each and each not in keyed]


def sender_domains() -> list[str]:
    """Those that mail is sent from, in order."""
    domain = Func(
        F("address"), Value("@"), Value(-1), function="split_part", output_field=CharField()
    )
    rows: QuerySet[SenderAddress, SenderAddress] = SenderAddress.objects.order_by()
    return sorted(rows.values_list(domain, flat=True).distinct())


def _found(asked: Asked) -> "QuerySet[DkimKey, DkimKey]":
    keys: QuerySet[DkimKey, DkimKey] = DkimKey.objects.present()
    if asked.search:
        keys = keys.filter(Q(domain__icontains=asked.search) | Q(selector__icontains=asked.search))
    if state := asked.chosen["state"]:
        keys = keys.filter(_IN_STATE[KeyState(state)])
    return keys


def _keys_of(domains: Sequence[str]) -> Iterator[tuple[str, list[tuple[DkimKey, bool]]]]:
    """In the order of `domains`."""
    rows = DkimKey.objects.present().of_domains(domains)
    pairs = [(key, dkim_services.can_sign(key)) for key in rows]
    by_domain = {
        domain: list(group) for domain, group in groupby(pairs, key=lambda pair: pair[0].domain)
    }
    return ((domain, by_domain[domain]) for domain in domains if domain in by_domain)
