"""The local mailbox: which mails it holds, and what is in one of them.

Mails come from anybody and may be broken in any way; reading one never raises. Nothing of a mail
is trusted: `html_page` is only ever shown under the policy in `views.mailbox`.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as Part

from django.db.models import Q, QuerySet

from smtp_gateway.keyset import Cursor, Page, page
from smtp_gateway.models import CaughtMail
from smtp_gateway.searched_address import stored_forms

# What the email package raises for mails that are broken beyond its defect lists.
_UNREADABLE = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
_INLINE_IMAGE_TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}
_MAX_INLINE_IMAGE_BYTES = 5 * 1024 * 1024
_FRAME_TARGET = re.compile(r"""(target\s*=\s*["']?)_(?:self|top|parent)\b""", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CID = re.compile(r"""cid:([^"'\s)>]+)""", re.IGNORECASE)
_REMOTE = re.compile(
    r"""(?:src|background|srcset|poster)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//"""
    r"""|<link\b[^>]*\bhref|@import""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a mail that is neither its text nor its HTML."""

    name: str
    content_type: str
    content_id: str
    content: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.content)


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail taken apart, as far as it can be."""

    headers: Sequence[tuple[str, str]] = ()
    text: str = ""
    html: str = ""
    attachments: Sequence[Attachment] = ()
    is_damaged: bool = False

    def header(self, name: str) -> str:
        """The first header of that name; empty: there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def from_header(self) -> str:
        return self.header("From")

    @property
    def to_header(self) -> str:
        return self.header("To")

    @property
    def cc_header(self) -> str:
        return self.header("Cc")

    @property
    def reply_to_header(self) -> str:
        return self.header("Reply-To")

    @property
    def has_remote_content(self) -> bool:
        return _REMOTE.search(self.html) is not None


def caught_page(*, search: str, cursor: Cursor) -> Page[CaughtMail]:
    """One page of the mailbox; `search` is any part of subject, sender or recipients."""
    mails: QuerySet[CaughtMail, CaughtMail] = CaughtMail.objects.select_related("message")
    if search:
        mails = mails.filter(_matching(search))

    def fetch(cursor: Cursor) -> Sequence[CaughtMail]:
        return list(cursor.cut(mails, "message_id"))

    return page(cursor, fetch, lambda mail: mail.message_id)


def _matching(search: str) -> Q:
    condition = Q(message__subject__icontains=search)
    for form in stored_forms(search):
        condition |= Q(message__mail_from__icontains=form) | Q(recipients__icontains=form)
    return condition


def find_caught(queue_id: str) -> CaughtMail | None:
    mails = CaughtMail.objects.select_related("message", "message__content")
    return mails.filter(message__queue_id=queue_id).first()


def read_headers(content: bytes) -> ReadMail:
    """The headers alone; `content` may end anywhere behind them."""
    head, _, _ = content.partition(b"\r\n\r\n")
    return ReadMail(headers=read(head).headers)


def read(content: bytes) -> ReadMail:
    """`content` taken apart; what cannot be read is left out."""
    try:
        mail = message_from_bytes(content)
    except _UNREADABLE:
        return ReadMail(is_damaged=True)
    headers = [(name, _decoded(value)) for name, value in mail.raw_items()]
    text, html, attachments = "", "", []
    try:
        for part in _leaves(mail):
            kind = "" if _is_attachment(part) else part.get_content_type()
            if kind == "text/plain" and not text:
                text = _text(part)
            elif kind == "text/html" and not html:
                html = _text(part)
            elif content_type := part.get_content_type():
                attachments.append(_attachment(part, content_type))
    except _UNREADABLE:
        return ReadMail(headers, text, html, attachments, is_damaged=True)
    return ReadMail(headers, text, html, attachments, is_damaged=bool(mail.defects))


def html_page(mail: ReadMail) -> str:
    """The mail's HTML as a document whose links open beside the console, images of its own in it.

    The first <base> decides the target, so ours comes before everything.
    """
    images = {
        part.content_id: part
        for part in mail.attachments
        if part.content_id
        and part.content_type in _INLINE_IMAGE_TYPES
        and part.size_bytes <= _MAX_INLINE_IMAGE_BYTES
    }

    def image(match: re.Match[str]) -> str:
        part = images.get(match[1])
        if part is None:
            return match[0]
        return f"data:{part.content_type};base64,{b64encode(part.content).decode()}"

    html = _FRAME_TARGET.sub(r"\1_blank", _CID.sub(image, mail.html))
    return f'<!doctype html><base target="_blank">{html}'


def _leaves(part: Part) -> Iterator[Part]:
    """The parts that hold something; an attached mail counts as one."""
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        for child in part.get_payload():
            yield from _leaves(child)  # type: ignore[arg-type]
    else:
        yield part


def _is_attachment(part: Part) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _attachment(part: Part, content_type: str) -> Attachment:
    name = _CONTROL.sub("", _decoded(part.get_filename() or ""))
    content_id = _decoded(part.get("Content-ID", "")).strip().strip("<>")
    return Attachment(name or content_id or "unnamed", content_type, content_id, _bytes(part))


def _bytes(part: Part) -> bytes:
    if part.is_multipart():
        return b"".join(child.as_bytes() for child in part.get_payload())  # type: ignore[union-attr]
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Part) -> str:
    return _to_text(_bytes(part), part.get_content_charset() or "utf-8").replace("\0", "\ufffd")


def _to_text(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _decoded(value: object) -> str:
    """A header's value for people: encoded words decoded (RFC 2047), raw bytes read as UTF-8."""
    raw = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    unfolded = " ".join(raw.split())
    try:
        parts = decode_header(unfolded)
    except _UNREADABLE:
        return unfolded
    return "".join(
        part if isinstance(part, str) else _to_text(part, charset or "raw-unicode-escape")
        for part, charset in parts
    )
