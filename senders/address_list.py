"""The list of sender addresses: what it can be asked for, what it finds, and its file."""

from datetime import UTC, datetime

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from senders.listing.asked import Asked, Choice, Listing, Sort
from senders.listing.csv_export import Column
from senders.listing.keyset import Cursor, Key, Order, Slice, moment, number, words
from senders.models import MailType, SenderAddress, SenderAddressQuerySet

SUSPENDED, ACTIVE = "suspended", "active"

# Before any mail there was: keysets compare, and nothing compares with NULL.
_NEVER = Value(datetime(1970, 1, 1, tzinfo=UTC))
_ID = Key("id", number)

LISTING = Listing(
    page="senders:list",
    export="senders:export",
    page_size=25,  # each row has much to say and a menu
    sorts=(
        Sort(
            "created",
            Order((Key("created_at", moment), _ID)),
            _("Newest first"),
            _("Oldest first"),
            is_by_time=True,
        ),
        Sort(
            "address",
            Order((Key("address", words),), descending=False),
            _("Address, A to Z"),
            _("Address, Z to A"),
        ),
        Sort(
            "used",
            Order((Key("used_at", moment), _ID)),
            _("Last used first"),
            _("Last used last"),
        ),
    ),
    choices=(
        Choice("type", _("Mail type"), _("All mail types"), tuple(MailType.choices)),
        Choice(
            "state",
            _("State"),
            _("All states"),
            ((ACTIVE, _("Not suspended")), (SUSPENDED, _("Suspended"))),
        ),
    ),
)

COLUMNS: tuple[Column[SenderAddress], ...] = (
    Column("address", lambda sender: sender.address),
    Column("mail_type", lambda sender: sender.mail_type),
    Column("reply_to", lambda sender: sender.reply_to_address),
    Column("reply_to_verified", lambda sender: bool(sender.verified_reply_to)),
    Column("smtp_enabled", lambda sender: sender.smtp_enabled),
    Column("smtp_last_used_at", lambda sender: sender.smtp_last_used_at),
    Column("suspended_at", lambda sender: sender.suspended_at),
    Column("created_at", lambda sender: sender.created_at),
)


def found(asked: Asked) -> SenderAddressQuerySet:
    """All that the search and the filters find."""
    rows: SenderAddressQuerySet = SenderAddress.objects.all()
    if asked.search:
        rows = rows.matching(asked.search)
    if mail_type := asked.chosen["type"]:
        rows = rows.of_type(mail_type)
    if state := asked.chosen["state"]:
        rows = rows.filter(suspended_at__isnull=state == ACTIVE)
    return rows


def fetch(asked: Asked, cursor: Cursor) -> Slice[SenderAddress]:
    rows = (
        found(asked).select_related("reply_to_verification", "standing").with_living_credentials()
    )
    if cursor.order.keys[0].field == "used_at":
        rows = rows.annotate(used_at=Coalesce("smtp_last_used_at", _NEVER))
    return Slice(list(cursor.cut(rows)))
