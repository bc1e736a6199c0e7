"""SMTP sessions as a list: what it can be asked for, what it finds, and its file."""

from ipaddress import ip_address

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from senders.listing.asked import Asked, Choice, Listing, Sort
from senders.listing.csv_export import Column
from senders.listing.days import FROM_TO, Span
from senders.listing.keyset import Cursor, Key, Order, Slice, number
from smtp_gateway.models import SmtpSession
from smtp_gateway.searched_address import stored_forms

LISTING = Listing(
    page="smtp_gateway:smtp_sessions",
    export="smtp_gateway:export_smtp_sessions",
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
        Choice("show", _("Outcome"), _("All outcomes"), (("refused", _("Refused only")),)),
        Choice("who", _("Sender address"), _("All clients"), (("nobody", _("No sender address")),)),
    ),
    days=FROM_TO,
)
COLUMNS: tuple[Column[SmtpSession], ...] = (
    Column("began_at", lambda session: session.began_at),
    Column("ended_at", lambda session: session.ended_at),
    Column("session_id", lambda session: session.session_id),
    Column("sender_address", lambda session: session.sender_address),
    Column("user_name", lambda session: session.user_name),
    Column("logged_in", lambda session: session.is_logged_in),
    Column("client_ip", lambda session: session.client_ip),
    Column("client_name", lambda session: session.client_name),
    Column("tls", lambda session: session.tls),
    Column("mails", lambda session: session.mail_count),
    Column("refusals", lambda session: session.refusal_count),
    Column("outcome", lambda session: session.outcome),
    Column("went_well", lambda session: session.went_well),
    Column("reply", lambda session: session.reply),
)


def fetch(asked: Asked, cursor: Cursor) -> Slice[SmtpSession]:
    """The sessions at `cursor`, without their dialogues."""
    rows = SmtpSession.objects.filter(_condition(asked)).defer("lines")
    return Slice(list(cursor.cut(rows)))


def _condition(asked: Asked) -> Q:
    condition = Span.of(asked.chosen).condition("began_at")
    if asked.chosen["show"]:
        condition &= Q(went_well=False)
    if asked.chosen["who"]:
        condition &= Q(sender_address="")
    return condition & _matching(asked.search) if asked.search else condition


def _matching(text: str) -> Q:
    found = Q(session_id=text.lower()[:20])
    for form in stored_forms(text):
        for field in ("sender_address", "user_name"):
            found |= Q(
                **{f"{field}__endswith" if form.startswith("@") else f"{field}__startswith": form}
            )
    try:
        return found | Q(client_ip=str(ip_address(text)))
    except ValueError:
        return found
