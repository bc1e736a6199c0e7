"""The fields of a delivery report (RFC 3464), out of whatever a mail calls one.

Pure. Work is bounded, and reading never raises: a report comes from anybody.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from smtp_gateway.mail_text import header_text

TYPES = ("message/delivery-status", "message/global-delivery-status")
_MOST_CHARACTERS = 100_000
_MOST_BLOCKS, _MOST_FIELDS = 200, 50
_FIELD = re.compile(r"([!-9;-~]{1,80}):[ \t]*(.*)\Z", re.DOTALL)

# What people read, in its order. Others are for programs, and stand in the source.
_LABELS = {
    "final-recipient": "Recipient",
    "original-recipient": "First addressed to",
    "status": "Status",
    "diagnostic-code": "What was said",
    "remote-mta": "By",
    "last-attempt-date": "Last attempt",
    "will-retry-until": "Tried until",
}
_TYPED = ("final-recipient", "original-recipient", "diagnostic-code", "remote-mta")


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """What a report says of one recipient; `facts` are labels and values."""

    action: str
    facts: Sequence[tuple[str, str]]


def recipient_statuses(content: bytes) -> list[RecipientStatus]:
    """Of the blocks that name a recipient."""
    text = content[:_MOST_CHARACTERS].decode("utf-8", "replace").replace("\r\n", "\n")
    blocks = re.split(r"\n\n+", text.strip("\n"), maxsplit=_MOST_BLOCKS)[:_MOST_BLOCKS]
    found = [_fields(block) for block in blocks]
    return [_status(fields) for fields in found if "final-recipient" in fields]


def _fields(block: str) -> dict[str, str]:
    lines = re.sub(r"\n(?=[ \t])", "", block).split("\n")[:_MOST_FIELDS]
    fields = [match for line in lines if (match := _FIELD.match(line))]
    return {match[1].lower(): header_text(match[2].replace("\0", "")) for match in fields}


def _status(fields: dict[str, str]) -> RecipientStatus:
    facts = [
        (label, _plain(name, fields[name])) for name, label in _LABELS.items() if name in fields
    ]
    return RecipientStatus(fields.get("action", "").lower(), facts)


def _plain(name: str, value: str) -> str:
    """Without the type in front, as in "rfc822;"."""
    return value.partition(";")[2].strip() if name in _TYPED and ";" in value else value
