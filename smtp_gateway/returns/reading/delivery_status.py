"""Reports in the standard's form, with a part message/delivery-status (RFC 3464). Pure."""

import re
from collections.abc import Sequence

from smtp_gateway.returns.reading.fields import Block, address_in, behind_type, blocks_of
from smtp_gateway.returns.reading.parts import Parts
from smtp_gateway.returns.reading.said import MAX_DIAGNOSTIC_CHARS, Kind, Said

_KINDS = ("message/delivery-status", "message/global-delivery-status")
_ACTIONS: dict[str, Kind] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
# What decides where one mail has several fates: a list's members, a forwarded copy.
_WORST_FIRST: tuple[Kind, ...] = ("failed", "delayed", "delivered")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_COMMENT = re.compile(r"\([^()]{0,200}\)")


def read_delivery_status(parts: Parts, expected: str) -> Said | None:
    """What it says of `expected`, the recipient that we sent to; None: it is no such report."""
    blocks = [block for text in parts.of_kind(*_KINDS) for block in blocks_of(text)]
    about = [(kind, block) for block in blocks if (kind := _kind(block))]
    if not about:
        return None
    kind, block = _that_of(about, expected)
    of_mail = next((b for b in blocks if "reporting-mta" in b), {})
    return Said(
        kind,
        read_by="RFC 3464",
        recipient=address_in(_recipient(block)),
        reporting_host=_host(of_mail.get("reporting-mta", "")),
        status=_status(block),
        diagnostic=_diagnostic(block),
    )


def _kind(block: Block) -> Kind | None:
    """By Action; by Status where a server left that out, or says a word of its own."""
    word = _COMMENT.sub(" ", block.get("action", "")).strip().lower()
    if kind := _ACTIONS.get(word.split(" ")[0].rstrip(";.,")):
        return kind
    if not _recipient(block) and not word:
        return None
    by_digit: dict[str, Kind] = {"5": "failed", "4": "delayed", "2": "delivered"}
    return by_digit.get(_status(block)[:1])


def _recipient(block: Block) -> str:
    return block.get("original-recipient", "") or block.get("final-recipient", "")


def _that_of(about: Sequence[tuple[Kind, Block]], expected: str) -> tuple[Kind, Block]:
    own = [each for each in about if expected and _names(each[1], expected)]
    return min(own or about, key=lambda each: _WORST_FIRST.index(each[0]))


def _names(block: Block, expected: str) -> bool:
    named = (block.get("original-recipient", ""), block.get("final-recipient", ""))
    return expected.lower() in (address_in(each).lower() for each in named)


def _status(block: Block) -> str:
    found = _STATUS.search(block.get("status", ""))
    return found[1] if found else ""


def _host(value: str) -> str:
    words = behind_type(value).split()
    return words[0][:255] if words else ""


def _diagnostic(block: Block) -> str:
    text = behind_type(block.get("diagnostic-code", ""))
    return " ".join(text.split())[:MAX_DIAGNOSTIC_CHARS]
