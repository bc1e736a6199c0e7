"""Which header fields a signature covers, and how they are hashed (RFC 6376 sections 3.7, 5.4).

Nothing of the mail is checked here: a line that is no field is passed over.
"""

import re
from collections.abc import Sequence

from smtp_gateway.relay.dkim.canonical import CRLF, relaxed_value

# Named once more than they occur: nobody can add another one and keep the signature
# (section 8.15).
OVERSIGNED = (b"from", b"to", b"subject", b"date", b"message-id", b"list-unsubscribe")
_WHERE_PRESENT = (
    b"list-unsubscribe-post", b"reply-to", b"cc", b"mime-version", b"content-type",
    b"content-transfer-encoding", b"references", b"in-reply-to",
)  # fmt: skip
_SIGNED = (*OVERSIGNED, *_WHERE_PRESENT)
# A field's name, and its value with folded lines. Anchored, and lines are taken whole: linear.
_FIELD = re.compile(
    rb"^(%s)[ \t]*:(.*(?:\r\n[ \t].*)*)\r\n" % b"|".join(_SIGNED), re.MULTILINE | re.IGNORECASE
)


def split(content: bytes) -> tuple[bytes, bytes]:
    """Header, each line with its CR LF, and body. Without an empty line all of it is header."""
    if content.startswith(CRLF):
        return b"", content[len(CRLF) :]
    end = content.find(b"\r\n\r\n")
    if end >= 0:
        return content[: end + 2], content[end + 4 :]
    return (content if content.endswith(CRLF) else content + CRLF), b""


def select(header: bytes) -> tuple[Sequence[bytes], bytes]:
    """The names for `h=`, and the canonical fields that they stand for.

    Of several fields with one name the last is first, as verifiers take them (section 5.4.2).
    """
    found: dict[bytes, list[bytes]] = {}
    for name, value in _FIELD.findall(header):
        found.setdefault(name.lower(), []).append(value)
    names: list[bytes] = []
    canonical: list[bytes] = []
    for name in _SIGNED:
        values = found.get(name, ())
        names += [name] * (len(values) + (name in OVERSIGNED))
        canonical += [canonical_field(name, value) for value in reversed(values)]
    return names, b"".join(canonical)


def canonical_field(name: bytes, value: bytes) -> bytes:
    """A whole field; `name` is lower-case already."""
    return b"%s:%s\r\n" % (name, relaxed_value(value))
