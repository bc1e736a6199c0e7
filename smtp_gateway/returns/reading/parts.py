"""A mail as parts that can be read, however badly it is built. Pure.

The library's parser takes any bytes; what it makes of them can still raise when it is looked at, so
it is looked at here alone, within bounds of depth, number and size.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from html import unescape

MAX_PARTS, MAX_DEPTH = 50, 8
# A report stands before the mail that it returns.
MAX_READ_BYTES = 256 * 1024
MAX_TEXT_CHARS = 64 * 1024
_MAX_FIELD_CHARS = 2000
_MAX_FIELDS = 200
_FIELD_KINDS = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/feedback-report",
)
# What can be wrong with an encoding, a charset's name or a header.
_BROKEN = (LookupError, ValueError, UnicodeError, MessageError, AssertionError, TypeError)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_TAG = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]{0,200}>", re.IGNORECASE)
_OTHER_TAG = re.compile(r"<[!/a-z][^<>]{0,2000}>", re.IGNORECASE)
_NOT_SHOWN = re.compile(r"<(style|script|head)\b.{0,20000}?</\1", re.IGNORECASE | re.DOTALL)
_MAYBE_ADDRESS = re.compile(r"<([^<>\s@]{1,64}@[^<>\s@]{1,255})>")

Headers = Mapping[str, Sequence[str]]
"""Lower-case name to the values of its fields, decoded, each on one line."""


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the mail, or a mail within it."""

    kind: str
    """Its content type, in lower case."""
    text: str
    """Decoded; of HTML what a reader would see. Lines end with a line feed."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A mail taken apart."""

    headers: Headers
    kind: str
    report_type: str
    """Of multipart/report (RFC 6522); empty: it is none."""
    parts: Sequence[Part]

    def first(self, name: str) -> str:
        """The first field of that name; empty: there is none."""
        values = self.headers.get(name, ())
        return values[0] if values else ""

    def of_kind(self, *kinds: str) -> list[str]:
        """The texts of the parts of these kinds."""
        return [part.text for part in self.parts if part.kind in kinds]

    @property
    def text(self) -> str:
        """What people would read, all of it."""
        shown = [part.text for part in self.parts if part.kind in ("text/plain", "text/html")]
        return "\n".join(shown)[:MAX_TEXT_CHARS]


def take_apart(raw: bytes) -> Parts:
    """The parts of any bytes; never raises."""
    try:
        message = message_from_bytes(raw[:MAX_READ_BYTES], policy=compat32)
        return Parts(
            headers_of(message),
            message.get_content_type(),
            _report_type(message),
            [*_leaves(message)][:MAX_PARTS],
        )
    except (*_BROKEN, RecursionError):
        return Parts({}, "", "", [Part("text/plain", _decoded(raw, "utf-8"))])


def headers_of(message: "Message[str, str]") -> Headers:
    """The fields of a mail, or of a block that looks like one."""
    found: dict[str, list[str]] = {}
    for name, value in list(message.raw_items())[:_MAX_FIELDS]:
        found.setdefault(name.lower(), []).append(_unfolded(value))
    return found


def _leaves(message: "Message[str, str]", depth: int = 0) -> Iterator[Part]:
    kind = message.get_content_type()
    if kind in _FIELD_KINDS:
        yield Part(kind, _fields_text(message))
    elif message.is_multipart() and depth < MAX_DEPTH:
        if kind in ("message/rfc822", "message/global"):
            # The mail that came back: its headers say which it was.
            yield Part(kind, "\n".join(_header_text(child) for child in _children(message)))
            return
        for child in _children(message)[:MAX_PARTS]:
            yield from _leaves(child, depth + 1)
    else:
        yield Part(kind, _text(message))


def _children(message: "Message[str, str]") -> "list[Message[str, str]]":
    payload = message.get_payload()
    return [each for each in payload if isinstance(each, Message)] if _is_list(payload) else []


def _is_list(payload: object) -> bool:
    return isinstance(payload, list)


def _fields_text(message: "Message[str, str]") -> str:
    """Blocks of fields, which the library takes for mails within the mail, as text again."""
    blocks = [f"{_header_text(block)}\n\n{_body(block)}" for block in _children(message)]
    return "\n\n".join(blocks)[:MAX_TEXT_CHARS] if blocks else _text(message)


def _body(message: "Message[str, str]") -> str:
    # As bytes: as text, the library would put question marks for what is not ASCII.
    payload = message.get_payload(decode=True)
    return _decoded(payload[: 4 * MAX_TEXT_CHARS], "utf-8") if isinstance(payload, bytes) else ""


def _header_text(message: "Message[str, str]") -> str:
    lines = [f"{name}: {_unfolded(value)}" for name, value in list(message.raw_items())]
    return "\n".join(lines[:_MAX_FIELDS])


def _text(message: "Message[str, str]") -> str:
    try:
        payload = message.get_payload(decode=True)
    except _BROKEN:
        payload = str(message.get_payload()).encode("utf-8", "surrogateescape")
    raw = payload if isinstance(payload, bytes) else b""
    try:
        charset = str(message.get_content_charset("utf-8"))
    except _BROKEN:
        charset = "utf-8"
    text = _decoded(raw[: 4 * MAX_TEXT_CHARS], charset)
    return _seen(text) if message.get_content_type() == "text/html" else text


def _decoded(raw: bytes, charset: str) -> str:
    try:
        text = raw.decode(charset, "strict")
    except _BROKEN:
        text = raw.decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(" ", text)[:MAX_TEXT_CHARS]


def _seen(html: str) -> str:
    """What a reader sees of HTML; addresses in angle brackets stay, which are no tags."""
    text = _NOT_SHOWN.sub(" ", html)
    text = _TAG.sub("\n", _MAYBE_ADDRESS.sub(r"&lt;\1&gt;", text))
    return unescape(_OTHER_TAG.sub("", text))


def _report_type(message: "Message[str, str]") -> str:
    if message.get_content_type() != "multipart/report":
        return ""
    value = message.get_param("report-type", "")
    return value.lower() if isinstance(value, str) else ""


def _unfolded(value: object) -> str:
    text = str(value)[: 4 * _MAX_FIELD_CHARS]
    try:
        pieces = decode_header(text)
        text = "".join(
            piece if isinstance(piece, str) else _decoded(piece, charset or "utf-8")
            for piece, charset in pieces
        )
    except _BROKEN:
        pass
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(_CONTROL.sub(" ", text).split())[:_MAX_FIELD_CHARS]
