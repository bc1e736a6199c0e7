"""A submitted message: its header fields, and the fix-ups of RFC 6409 section 8.

The body is never looked into, and every byte that no fix-up names stays as it came. Pure: times and
names come as arguments.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from smtp_gateway.mail_text import header_text

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_UNFOLD = re.compile(rb"\r\n(?=[ \t])")
_FOLDED_FIELD = re.compile(rb".*\r\n(?:[ \t].*\r\n)*")
_HELO_NAME = re.compile(r"[A-Za-z0-9\[][A-Za-z0-9._:\[\]-]*\Z")

# As Postfix drops them; the envelope and the relay say what these would.
_DROPPED = frozenset({b"bcc", b"resent-bcc", b"return-path", b"content-length"})
# RFC 6409 sections 8.2 and 8.3: added where they are missing.
_REQUIRED = frozenset({b"date", b"message-id"})


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name in lower case, and all its bytes with folded lines and CR LF."""

    name: bytes
    raw: bytes

    @property
    def value(self) -> str:
        """Unfolded and stripped; bytes that are no UTF-8 become U+FFFD."""
        value = _UNFOLD.sub(b"", self.raw.partition(b":")[2])
        return value.decode("utf-8", "replace").strip()


@dataclass(frozen=True, slots=True)
class Message:
    """A message cut into header fields and the rest.

    `rest` begins with the empty line that separates them, or is empty where there is no body.
    """

    fields: tuple[Field, ...]
    rest: bytes

    def named(self, name: bytes) -> list[Field]:
        """The fields of this lower-case name."""
        return [field for field in self.fields if field.name == name]

    def first_value(self, name: bytes) -> str:
        return next((field.value for field in self.fields if field.name == name), "")

    @property
    def has_ascii_header(self) -> bool:
        return all(field.raw.isascii() for field in self.fields)


@dataclass(frozen=True, slots=True)
class Trace:
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


def split(content: bytes) -> Message | None:
    """Cuts the header off. None: a line of it is neither a field nor a folded one.

    Such a header is read differently by different software, so no check of it would hold.
    """
    if content.startswith(b"\r\n"):
        return Message((), content)
    end = content.find(b"\r\n\r\n")
    header, rest = (content, b"") if end < 0 else (content[: end + 2], content[end + 2 :])
    fields = _fields(header)
    return None if fields is None else Message(tuple(fields), rest)


def _fields(header: bytes) -> list[Field] | None:
    fields = []
    for raw in _FOLDED_FIELD.findall(header):
        name = _FIELD.match(raw)
        if name is None:
            return None
        fields.append(Field(name[1].lower(), raw))
    return fields


def fix_up(message: Message, trace: Trace) -> bytes:
    """The bytes to relay: Received and what is missing in front, private fields dropped."""
    kept = (field.raw for field in message.fields if _is_kept(field))
    return b"".join((received(trace), *_missing(message, trace), *kept, message.rest))


def _is_kept(field: Field) -> bool:
    # An empty one is replaced: left in, there would be two.
    return field.name not in _DROPPED and not (field.name in _REQUIRED and _is_empty(field))


def _is_empty(field: Field) -> bool:
    return not field.raw.partition(b":")[2].strip()


def _missing(message: Message, trace: Trace) -> Sequence[bytes]:
    names = {f.name for f in message.fields if f.name in _REQUIRED and not _is_empty(f)}
    added = []
    if b"date" not in names:
        added.append(f"Date: {format_datetime(trace.accepted_at)}\r\n".encode())
    if b"message-id" not in names:
        added.append(f"Message-ID: {_message_id(trace)}\r\n".encode())
    return added


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
    return ("\r\n\t".join(lines) + f";\r\n\t{format_datetime(trace.accepted_at)}\r\n").encode(
        "utf-8", "replace"
    )


def _address_literal(ip: str) -> str:
    return f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]"


def subject(message: Message) -> str:
    """The Subject for people: encoded words (RFC 2047) decoded where they can be."""
    return storable(header_text(message.first_value(b"subject")))


def storable(text: str, max_length: int = 998) -> str:
    """`text` without what a text column cannot hold: control characters, lone surrogates."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable.encode("utf-8", "replace").decode()[:max_length].strip()
