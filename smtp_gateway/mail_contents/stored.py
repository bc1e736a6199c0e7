"""The bytes of mails, whole or a slice at a time. Reads only.

They are kept uncompressed and apart, so a slice costs what it weighs, however long the mail is.
"""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Substr

from smtp_gateway.models import Delivery, Message, MessageContent
from smtp_gateway.queue.binding import binding_cursor

HEAD_BYTES = 320 * 1024
"""Long enough for every header that the gateway takes, and what is put in front of it."""
_FIRST_BYTES = 16 * 1024
_SLICE_BYTES = 256 * 1024
_BODY = "SELECT body FROM smtp_gateway_messagecontent WHERE message_id = %s"


def head_of(message: Message) -> bytes:
    """The beginning of the mail with all of its headers; empty where no content is kept."""
    head = _beginning(message, _FIRST_BYTES)
    # Nearly always enough, and read in a fraction of the time.
    is_all = b"\r\n\r\n" in head or len(head) < _FIRST_BYTES
    return head if is_all else _beginning(message, HEAD_BYTES)


def content_of(message: Message) -> bytes | None:
    """All of it; None where no content is kept."""
    with binding_cursor() as cursor:
        cursor.execute(_BODY, [message.pk], binary=True)
        row = cursor.fetchone()
    return row[0] if row else None


def slices_of(message: Message) -> Iterator[bytes]:
    """All of it, with no more than a slice in memory."""
    contents = MessageContent.objects.filter(pk=message.pk)
    at = 1
    while True:
        piece = contents.values_list(Substr("body", at, _SLICE_BYTES), flat=True).first()
        if not piece:
            return
        yield bytes(piece)
        at += _SLICE_BYTES


def forgotten_since(message: Message) -> datetime | None:
    """About when the content of a mail that has none was forgotten; None: nobody knows."""
    ended_at = Delivery.objects.filter(message=message).aggregate(Max("finished_at"))
    last: datetime | None = ended_at["finished_at__max"]
    return last + settings.MAIL_CONTENT_LIFETIME if last else None


def _beginning(message: Message, size: int) -> bytes:
    contents = MessageContent.objects.filter(pk=message.pk)
    head = contents.values_list(Substr("body", 1, size), flat=True).first()
    return bytes(head) if head else b""
