"""The mail log as a list: what it can be asked for, and its files."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from senders.listing.asked import Asked, Choice, Listing, Sort
from senders.listing.csv_export import Column
from senders.listing.days import FROM_TO
from senders.listing.keyset import Key, Order, number
from senders.models import MailType
from smtp_gateway import happened
from smtp_gateway.mail_log import RECIPIENT, SENDER, SUBJECT, Wanted
from smtp_gateway.mail_scope import Scope
from smtp_gateway.models import Delivery, RefusedMail, ShownState

REFUSED = "refused"
"""Among the states, and none of a delivery: what was refused never became one."""

BY_TIME = Sort(
    "time",
    Order((Key("id", number),)),
    _("Newest first"),
    _("Oldest first"),
    is_by_time=True,
)
LISTING = Listing(
    page="smtp_gateway:mail_log",
    export="smtp_gateway:export_mail_log",
    sorts=(BY_TIME,),
    carried=(*happened.PARAMETERS, "sender"),
    choices=(
        Choice(
            "in",
            _("Search in"),
            _("Addresses and IDs"),
            ((SENDER, _("Sender")), (RECIPIENT, _("Recipient")), (SUBJECT, _("Subject"))),
        ),
        Choice("type", _("Mail type"), _("All mail types"), tuple(MailType.choices)),
        Choice(
            "state", _("State"), _("All states"), (*ShownState.choices, (REFUSED, _("Refused")))
        ),
    ),
    days=FROM_TO,
)

COLUMNS: tuple[Column[Delivery], ...] = (
    Column("accepted_at", lambda row: row.message.accepted_at),
    Column("queue_id", lambda row: row.message.queue_id),
    Column("message_id", lambda row: row.message.message_id),
    Column("mail_type", lambda row: row.message.mail_type),
    Column("sender_address", lambda row: row.message.sender_address),
    Column("mail_from", lambda row: row.message.mail_from),
    Column("recipient", lambda row: row.recipient),
    Column("subject", lambda row: row.message.subject),
    Column("size_bytes", lambda row: row.message.size_bytes),
    Column("state", lambda row: row.shown_state.value),
    Column("attempts", lambda row: row.attempt_count),
    Column("next_attempt_at", lambda row: row.next_attempt_at if row.is_open else None),
    Column("finished_at", lambda row: row.finished_at),
    Column("reason_code", lambda row: row.reason_code),
    Column("reason", lambda row: row.reason),
)
REFUSED_COLUMNS: tuple[Column[RefusedMail], ...] = (
    Column("at", lambda row: row.at),
    Column("sender_address", lambda row: row.sender_address),
    Column("mail_from", lambda row: row.mail_from),
    Column("recipients", lambda row: " ".join(row.recipient_list)),
    Column("recipient_count", lambda row: row.recipient_count),
    Column("code", lambda row: row.code),
    Column("reply", lambda row: row.reply),
    Column("client_ip", lambda row: row.client_ip),
    Column("session_id", lambda row: row.session_id),
)


def asked_of(query: Mapping[str, str]) -> Asked:
    """What is really asked for, as the page then says it.

    What happened to a mail has to be told in full, and nothing ever happened to what was refused.
    """
    asked = Asked.of(LISTING, query)
    told = happened.of_parameters(asked.chosen)
    if told and asked.chosen["state"] != REFUSED:
        return asked
    return replace(asked, chosen={**asked.chosen, **dict.fromkeys(happened.PARAMETERS, "")})


def wanted(asked: Asked) -> Wanted:
    chosen = asked.chosen
    return Wanted(
        asked.search,
        chosen["in"],
        chosen["state"],
        happened.of_parameters(chosen),
        Scope.of_parameters(chosen),
    )
