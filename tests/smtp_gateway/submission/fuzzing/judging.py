"""What must not be accepted, and what an accepted mail must have become. Knows nothing of ours."""

import re

_RECEIVED = re.compile(rb"Received: [^\r\n]+\r\n(?:[ \t][^\r\n]+\r\n)*")
_ADDED = re.compile(rb"(?:Date: [^\r\n]+\r\n)?(?:Message-ID: <[^\r\n]+>\r\n)?\Z")
_FIELD = re.compile(rb"[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")
_BDAT = re.compile(rb"BDAT \d+(?: LAST)?\r\n")
_DROPPED = (b"bcc", b"resent-bcc", b"return-path", b"content-length")
_REPLACED_IF_EMPTY = (b"date", b"message-id")


def must_be_refused(content: bytes, sender: str, max_message_bytes: int) -> str:
    """Why no server may accept it as from `sender`; empty: it may."""
    if len(content) > max_message_bytes:
        return "too large"
    if b"\0" in content or re.search(rb"\r(?!\n)|(?<!\r)\n", content):
        return "a bare CR, a bare LF or NUL"
    authors = [field for field in _fields(content) if _name(field) == b"from"]
    if len(authors) != 1:
        return f"{len(authors)} From headers"
    if sender.encode() not in authors[0].lower():
        return "From is somebody else"
    return ""


def is_relayed_form(stored: bytes, content: bytes) -> bool:
    """Whether `stored` is what was submitted, with nothing but the documented fix-ups."""
    received = _RECEIVED.match(stored)
    if received is None:
        return False
    expected = _kept(content)
    # RFC 3030 lets the last chunk end anywhere; a mail that goes on by DATA cannot.
    expected += b"" if expected.endswith(b"\r\n") else b"\r\n"
    added = stored[received.end() : len(stored) - len(expected)]
    return stored.endswith(expected) and _ADDED.match(added) is not None


def said(data: bytes) -> bytes:
    """The same for a mail as it was sent, by DATA or BDAT, and as it is relayed."""
    return _BDAT.sub(b"", data).replace(b"\r\n.", b"\r\n")


def body_of(stored: bytes) -> bytes:
    """What no fix-up touches."""
    return stored.partition(b"\r\n\r\n")[2]


def _fields(content: bytes) -> list[bytes]:
    header = content.partition(b"\r\n\r\n")[0]
    return [] if content.startswith(b"\r\n") else _FIELD.findall(header.rstrip(b"\r\n") + b"\r\n")


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()


def _kept(content: bytes) -> bytes:
    fields = _fields(content)
    rest = content[sum(map(len, fields)) :]
    return b"".join(field for field in fields if not _is_dropped(field)) + rest


def _is_dropped(field: bytes) -> bool:
    is_empty = not field.partition(b":")[2].strip()
    return _name(field) in _DROPPED or (_name(field) in _REPLACED_IF_EMPTY and is_empty)
