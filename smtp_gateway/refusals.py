"""Mails that were refused at the door: the newest are kept, so that the mail log can say why.

Lost with a killed process are those of its last seconds. Blocks; the gateway hands it to a
BatchWriter.
"""

from collections.abc import Sequence

from django.db import connection, transaction

from smtp_gateway.keyset import Cursor, Page, page
from smtp_gateway.models import RefusedMail
from smtp_gateway.searched_address import stored_forms
from smtp_gateway.submission.refused import Refused

MAX_PER_SENDER = 1000
MAX_IN_ALL = 20_000
MAX_SHOWN_RECIPIENTS = 10

_DROP_OLD_OF_SENDER = """
DELETE FROM smtp_gateway_refusedmail WHERE sender_address = %s AND id <= (
    SELECT id FROM smtp_gateway_refusedmail WHERE sender_address = %s
    ORDER BY id DESC OFFSET %s LIMIT 1)
"""
_DROP_OLD = """
DELETE FROM smtp_gateway_refusedmail WHERE id <= (
    SELECT id FROM smtp_gateway_refusedmail ORDER BY id DESC OFFSET %s LIMIT 1)
"""


def write(refused: Sequence[Refused]) -> None:
    """Keeps these, and drops what is too old beside them."""
    with transaction.atomic():
        RefusedMail.objects.bulk_create([_row(each) for each in refused])
        with connection.cursor() as cursor:
            for sender in sorted({each.sender_address for each in refused}):
                cursor.execute(_DROP_OLD_OF_SENDER, [sender, sender, MAX_PER_SENDER])
            cursor.execute(_DROP_OLD, [MAX_IN_ALL])


def refused_page(*, search: str, cursor: Cursor) -> Page[RefusedMail]:
    """One page, newest first. `search`: how the sender's address begins; empty: all."""

    def fetch(cursor: Cursor) -> Sequence[RefusedMail]:
        return _fetch(search, cursor)

    return page(cursor, fetch, lambda refused: refused.pk)


def _fetch(search: str, cursor: Cursor) -> Sequence[RefusedMail]:
    if not search:
        return list(cursor.cut(RefusedMail.objects.all(), "id"))
    found = {
        row.pk: row
        for form in stored_forms(search)
        for row in cursor.cut(RefusedMail.objects.filter(sender_address__startswith=form), "id")
    }
    return list(cursor.cut(RefusedMail.objects.filter(pk__in=found), "id"))


def _row(refused: Refused) -> RefusedMail:
    return RefusedMail(
        at=refused.at,
        sender_address=refused.sender_address,
        mail_from=refused.mail_from[:320],
        recipients="\n".join(refused.recipients[:MAX_SHOWN_RECIPIENTS]),
        recipient_count=len(refused.recipients),
        code=refused.code,
        reply=refused.reply,
        client_ip=refused.client_ip,
        session_id=refused.session_id,
    )
