"""Lists between the look at what they would do and their import."""

import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from senders.errors import InvalidField
from senders.suppression_import import SuppressionImport
from senders.suppressions.importing import import_list, look

_KEPT = timedelta(days=1)
_PIECE = 65536
_CR = "\r"


def bring(
    pieces: Iterable[bytes], *, name: str, by: str, choices: dict[str, str], now: datetime
) -> SuppressionImport:
    """Keeps a list and looks at it. Raises InvalidField where it is no text."""
    packer = zlib.compressobj()
    body = b"".join([*map(packer.compress, pieces), packer.flush()])
    row = SuppressionImport(
        created_at=now, created_by=by, name=name[:200], body=body, choices=choices
    )
    try:
        row.looked = look(lines_of(row), choices, now).as_json()
    except UnicodeDecodeError:
        raise InvalidField("file", _("The file is no text in UTF-8.")) from None
    row.save()
    return row


def carry_out(row: SuppressionImport, now: datetime) -> None:
    """Imports the list, once: whoever asks again finds what came of it."""
    with transaction.atomic():
        locked = SuppressionImport.objects.select_for_update().get(pk=row.pk)
        if locked.imported is None:
            locked.imported = import_list(lines_of(locked), locked.choices, now).as_json()
            locked.save(update_fields=["imported"])
    row.imported = locked.imported


def forget_lists(now: datetime) -> int:
    """Those that nobody comes back for; says how many."""
    return SuppressionImport.objects.filter(created_at__lt=now - _KEPT).delete()[0]


def lines_of(row: SuppressionImport) -> Iterator[str]:
    """The lines of the list, unpacked as they are read. Raises UnicodeDecodeError."""
    unpacker = zlib.decompressobj()
    body, rest = bytes(row.body), b""
    for start in range(0, len(body), _PIECE):
        *lines, rest = (rest + unpacker.decompress(body[start : start + _PIECE])).split(b"\n")
        for line in lines:
            yield f"{line.decode('utf-8').removesuffix(_CR)}\n"
    yield rest.decode("utf-8")
