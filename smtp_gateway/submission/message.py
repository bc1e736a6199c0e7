"""A submitted message: its header fields, and the fix-ups of RFC 6409 section 8.

The body is never looked into, and every byte that no fix-up names stays as it came. Pure: times and
names come as arguments.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

from smtp_gateway.mail_text import header_text

# A field: all its bytes with folded lines and CR LF, its name.
# Anchored: else each byte of a long line without a colon would be tried as a beginning.
_FIELD = re.compile(rb"^(([!-9;-~]+)[ \t]*:.*\r\n(?:[ \t].*\r\n)*)", re.MULTILINE)
_UNFOLD = re.compile(rb"\r\n(?=[ \t])")
_HELO_NAME = re.compile(r"[A-Za-z0-9\[][A-Za-z0-9._:\[\]-]*\Z")

# As Postfix drops them; the envelope and the relay say what these would.
_DROPPED = frozenset(
    {b"bcc", b"resent-bcc", b"return-path", b"content-length", b"x-directmail-lifetime"}
)
# RFC 6409 sections 8.2 and 8.3: added where they are missing.
_REQUIRED = {b"date": b"Date", b"message-id": b"Message-ID"}


@dataclass(frozen=True, slots=True)
class Message:
    """A message cut into its header and the rest, both as they came.

    `rest` begins with the empty line that separates them, or is empty where there is no body.
    """

    fields: Sequence[bytes]
    """Each with its name, its folded lines and its CR LF."""
    names: Sequence[bytes]
    """Of the fields, in lower case."""
    header: bytes
    rest: memoryview

    def count(self, name: bytes) -> int:
        """How many fields have this lower-case name."""
        return self.names.count(name)

    def values(self, name: bytes) -> list[str]:
        """Of the fields of this lower-case name, unfolded and stripped."""
        return [
            _value(field)
            for field, its_name in zip(self.fields, self.names, strict=True)
            if its_name == name
        ]

    def first_value(self, name: bytes) -> str:
        """Of the first field of this lower-case name; empty: there is none."""
        return _value(self.fields[self.names.index(name)]) if name in self.names else ""

    @property
    def has_ascii_header(self) -> bool:
        return self.header.isascii()


class Trace(NamedTuple):
    """What the Received field says (RFC 5321 section 4.4)."""

    hello_name: str
    client_ip: str
    hostname: str
    queue_id: str
    accepted_at: datetime
    tls: str = ""
    """Version and cipher; empty: no TLS."""
    is_smtputf8: bool = False
    only_recipient: str = ""
    """Named only when there is one: several would tell each about the others."""


def header_bytes(content: bytes) -> int:
    """How long the header is; without an empty line all of it is header."""
    end = 0 if content.startswith(b"\r\n") else content.find(b"\r\n\r\n")
    return len(content) if end < 0 else end


def split(content: bytes) -> Message | None:
    """Cuts the header off. None: a line of it is neither a field nor a folded one.

    Such a header is read differently by different software, so no check of it would hold.
    """
    if content.startswith(b"\r\n"):
        return Message((), (), b"", memoryview(content))
    end = content.find(b"\r\n\r\n")
    header = content if end < 0 else content[: end + 2]
    found = _FIELD.findall(header)
    fields = [field for field, _ in found]
    if sum(map(len, fields)) != len(header):
        return None
    names = [name.lower() for _, name in found]
    return Message(fields, names, header, memoryview(content)[len(header) :])


def _value(field: bytes) -> str:
    """Bytes that are no UTF-8 become U+FFFD."""
    value = field.partition(b":")[2]
    if value.count(b"\r\n") > 1:
        value = _UNFOLD.sub(b"", value)
    return value.decode("utf-8", "replace").strip()


def fix_up(message: Message, trace: Trace, *, reply_to: str = "") -> bytes:
    """The bytes to relay: Received and what is missing in front, private fields dropped.

    `reply_to`: stated in a mail that states none; empty: that is left as it is.
    """
    lacking = [name for name in _REQUIRED if not message.first_value(name)]
    kept = [message.header]
    if lacking or not _DROPPED.isdisjoint(message.names):
        named = zip(message.fields, message.names, strict=True)
        # An empty one is replaced: left in, there would be two.
        kept = [
            field
            for field, name in named
            if name not in _DROPPED and (name not in _REQUIRED or _value(field))
        ]
    front = [received(trace), *_added(lacking, trace)]
    if reply_to and b"reply-to" not in message.names:
        front.append(b"Reply-To: %s\r\n" % reply_to.encode())
    return b"".join((*front, *kept, message.rest))


def _added(lacking: Sequence[bytes], trace: Trace) -> list[bytes]:
    values = {b"date": _date(trace.accepted_at), b"message-id": _message_id(trace)}
    return [b"%s: %s\r\n" % (_REQUIRED[name], values[name].encode()) for name in lacking]


@lru_cache(maxsize=4)
def _date_of(second: int, zone: tzinfo | None) -> str:
    return format_datetime(datetime.fromtimestamp(second, zone))


def _date(at: datetime) -> str:
    return _date_of(int(at.timestamp()), at.tzinfo)


def _message_id(trace: Trace) -> str:
    return f"<{trace.queue_id}@{trace.hostname}>"


def message_id(message: Message, trace: Trace) -> str:
    """The Message-ID that the relayed message has."""
    # Cut so that it fits a page of the index it stands in, whatever its characters.
    return storable(message.first_value(b"message-id"), 500) or _message_id(trace)


def received(trace: Trace) -> bytes:
    """RFC 5321 section 4.4; protocol names of RFC 3848 and RFC 6531."""
    protocol = f"{'UTF8SMTP' if trace.is_smtputf8 else 'ESMTP'}{'S' if trace.tls else ''}A"
    name = trace.hello_name if _HELO_NAME.match(trace.hello_name) else "unknown"
    lines = [
        f"Received: from {name} ({_address_literal(trace.client_ip)})",
        f"by {trace.hostname} with {protocol} id {trace.queue_id}",
        *([f"(using {trace.tls})"] if trace.tls else []),
        *([f"for <{trace.only_recipient}>"] if trace.only_recipient else []),
    ]
    return ("\r\n\t".join(lines) + f";\r\n\t{_date(trace.accepted_at)}\r\n").encode(
        "utf-8", "replace"
    )


def _address_literal(ip: str) -> str:
    return f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]"


def subject(message: Message) -> str:
    """The Subject for people: encoded words (RFC 2047) decoded where they can be."""
    return storable(header_text(message.first_value(b"subject")))


def storable(text: str, max_length: int = 998) -> str:
    """`text` without what a text column cannot hold: control characters, lone surrogates."""
    if text.isascii() and text.isprintable():
        return text[:max_length].strip()
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable.encode("utf-8", "replace").decode()[:max_length].strip()
