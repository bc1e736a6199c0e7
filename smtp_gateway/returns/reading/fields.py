"""Blocks of fields in the body of a report: message/delivery-status, message/feedback-report. Pure.

Servers write them with any case, folded anyhow, with comments, and with blank lines too many.
"""

import re
from collections.abc import Mapping

Block = Mapping[str, str]
"""Lower-case name to value; of a name that comes twice the first."""

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})\s*:\s*(.*)")
_MAX_BLOCKS, _MAX_VALUE_CHARS = 100, 4000


def blocks_of(text: str) -> list[Block]:
    """The blocks, which blank lines part; those without any field are left out."""
    blocks: list[dict[str, str]] = [{}]
    name = ""
    for line in text.split("\n"):
        if not line.strip():
            if blocks[-1]:
                blocks.append({})
            name = ""
        elif line[0] in " \t" and name:
            blocks[-1][name] = f"{blocks[-1][name]} {line.strip()}"[:_MAX_VALUE_CHARS]
        elif match := _FIELD.match(line):
            name = match[1].lower()
            blocks[-1].setdefault(name, match[2].strip()[:_MAX_VALUE_CHARS])
        if len(blocks) > _MAX_BLOCKS:
            break
    return [block for block in blocks if block]


def behind_type(value: str) -> str:
    """What follows "rfc822;", "dns;" or "smtp;"; all of it where no type is named."""
    kind, semicolon, rest = value.partition(";")
    is_typed = bool(semicolon) and re.fullmatch(r"[A-Za-z0-9-]{1,30}", kind.strip()) is not None
    return " ".join((rest if is_typed else value).split())


def address_in(value: str) -> str:
    """An address, without type, brackets and the signs of UTF-8 in ASCII (RFC 6533 section 3)."""
    text = behind_type(value).strip("<>\"' ")
    return re.sub(r"\\x\{([0-9A-Fa-f]{1,6})\}", _character, text)[:320]


def _character(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    is_one = number < 0x110000 and not 0xD800 <= number < 0xE000 and number >= 0x20
    return chr(number) if is_one else "\N{REPLACEMENT CHARACTER}"
