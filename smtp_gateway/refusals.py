"""Mails that were refused at the door: the newest are kept, so that the mail log can say why.

Lost with a killed process are those of its last seconds. Blocks; the gateway hands it to a
BatchWriter.
"""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Q

from senders.listing.keyset import Cursor, Slice
from senders.models import SenderAddress
from smtp_gateway.mail_scope import Scope
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


def fetch(search: str, scope: Scope, cursor: Cursor) -> Slice[RefusedMail]:
    """Those at `cursor`, which is ordered by id.

    `search`: any part of an address, or a whole code or session id. They are few enough to be read
    all.
    """
    rows = RefusedMail.objects.filter(scope.days.condition("at"))
    if scope.mail_type:
        # No row has it, and an address never changes it.
        addresses = SenderAddress.objects.filter(mail_type=scope.mail_type)
        rows = rows.filter(sender_address__in=addresses.values("address"))
    if scope.sender:
        rows = rows.filter(sender_address=scope.sender)
    if search:
        rows = rows.filter(_matching(search))
    return Slice(list(cursor.cut(rows)))


def _matching(search: str) -> Q:
    condition = Q(code=search) | Q(session_id=search.lower())
    for form in stored_forms(search):
        for field in ("sender_address", "mail_from", "recipients"):
            condition |= Q(**{f"{field}__icontains": form})
    return condition


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
