"""The local mailbox as a list: what it holds, what a search finds in it, its file, and deleting."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from senders.audit.recording import Target, record
from senders.listing.asked import Asked, Choice, Listing, Sort
from senders.listing.csv_export import Column
from senders.listing.keyset import Cursor, Key, Order, Slice, looked_at, number
from smtp_gateway.models import CaughtMail, Origin
from smtp_gateway.planning import first_rows
from smtp_gateway.searched_address import stored_forms

LOOKED_AT = 3000
"""Mails that one page of a search looks at: no index carries a part of a subject."""
OWN = "own"

LISTING = Listing(
    page="smtp_gateway:mailbox",
    export="smtp_gateway:export_mailbox",
    sorts=(
        Sort(
            "time",
            Order((Key("message_id", number),)),
            _("Newest first"),
            _("Oldest first"),
            is_by_time=True,
        ),
    ),
    choices=(
        Choice(
            "origin",
            _("Origin"),
            _("All mail"),
            ((Origin.SMTP, _("From applications")), (OWN, _("DirectMail's own"))),
        ),
    ),
)
COLUMNS: tuple[Column[CaughtMail], ...] = (
    Column("caught_at", lambda mail: mail.caught_at),
    Column("queue_id", lambda mail: mail.message.queue_id),
    Column("message_id", lambda mail: mail.message.message_id),
    Column("mail_from", lambda mail: mail.message.mail_from),
    Column("recipients", lambda mail: " ".join(mail.recipient_list)),
    Column("subject", lambda mail: mail.message.subject),
    Column("size_bytes", lambda mail: mail.message.size_bytes),
)


def fetch(asked: Asked, cursor: Cursor) -> Slice[CaughtMail]:
    """The mails at `cursor`; a search is for any part of subject, sender or recipients."""
    mails: QuerySet[CaughtMail, CaughtMail] = CaughtMail.objects.select_related("message")
    with first_rows():
        if not asked.is_filtered:
            return Slice(list(cursor.cut(mails)))
        until = looked_at(mails, cursor, LOOKED_AT)
        if until is not None:
            mails = mails.filter(cursor.until(until))
        return Slice(list(cursor.cut(mails.filter(_condition(asked)))), until)


def delete(message_ids: Sequence[int]) -> list[str]:
    """Takes these mails out of the mailbox; the mail log keeps them. Returns their queue ids."""
    with transaction.atomic():
        caught = CaughtMail.objects.filter(pk__in=message_ids)
        queue_ids = list(caught.order_by("pk").values_list("message__queue_id", flat=True))
        caught.delete()
        if queue_ids:
            record(
                action="caught_mail.deleted",
                on=Target("caught_mail", path=reverse("smtp_gateway:mailbox")),
                before={"queue_ids": queue_ids},
            )
    return queue_ids


def _condition(asked: Asked) -> Q:
    condition = _matching(asked.search) if asked.search else Q()
    if origin := asked.chosen["origin"]:
        is_smtp = Q(message__origin=Origin.SMTP)
        condition &= ~is_smtp if origin == OWN else is_smtp
    return condition


def _matching(search: str) -> Q:
    condition = Q(message__subject__icontains=search)
    for form in stored_forms(search):
        condition |= Q(message__mail_from__icontains=form) | Q(recipients__icontains=form)
    return condition
