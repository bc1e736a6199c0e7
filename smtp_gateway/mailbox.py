"""The local mailbox: what is in one of its mails.

Mails come from anybody and may be broken in any way; reading one never raises, and the work it
takes grows with its length alone. Nothing of a mail is trusted: `html_page` is only ever shown
under the policy in `views.mailbox`.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message as Part
from email.parser import BytesHeaderParser
from email.policy import Compat32
from itertools import islice

from smtp_gateway.mail_contents.thinned import Run, Thinned, thin
from smtp_gateway.mail_text import header_text, to_text
from smtp_gateway.models import CaughtMail
from smtp_gateway.status_fields import TYPES as STATUS_TYPES
from smtp_gateway.status_fields import RecipientStatus, recipient_statuses

# What the email package raises for mails that are broken beyond its defect lists.
_UNREADABLE = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
_INLINE_IMAGE_TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}
_MAX_INLINE_IMAGE_BYTES = 5 * 1024 * 1024
# An image may be named many times.
_MAX_INLINED_CHARACTERS = 30 * 1024 * 1024
_SEARCHED_CHARACTERS = 200_000
_MAX_PARTS = 1000
# The email package takes quadratic time for parameters, and compares each line with the boundary
# of every container around it.
_MAX_STRUCTURED_CHARACTERS, _MAX_PARAMETERS = 2000, 40
_MAX_BOUNDARY_LINES = 20_000
_MAX_LINE_COMPARISONS = 5_000_000
_CONTAINER = re.compile(rb"[\r\n]content-type:\s*(?:multipart|message)", re.IGNORECASE)

# No repetition without an end: mails are made to find one that is tried again at each place.
_FRAME_TARGET = re.compile(
    r"""(target\s{0,20}=\s{0,20}["']?)_(?:self|top|parent)\b""", re.IGNORECASE
)
# With what turns the direction round: a file that reads "bill_exe.pdf" would be "bill_fdp.exe".
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CID = re.compile(r"""cid:([^"'\s)>]{1,998})""", re.IGNORECASE)
_REMOTE = re.compile(
    r"""(?:src|background|srcset|poster)\s{0,20}=\s{0,20}["']?\s{0,20}(?:https?:)?//"""
    r"""|url\(\s{0,20}["']?(?:https?:)?//|<link\b[^<>]{0,500}\bhref|@import""",
    re.IGNORECASE,
)


class _BoundedParameters(Compat32):
    """Cuts the fields that the email package takes apart."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if not name.lower().startswith("content-"):
            return name, value
        parameters = value[:_MAX_STRUCTURED_CHARACTERS].split(";")
        return name, ";".join(parameters[:_MAX_PARAMETERS])


_POLICY = _BoundedParameters()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a mail that is neither its text nor its HTML."""

    name: str
    content_type: str
    content_id: str
    whole: bytes | Run

    @property
    def content(self) -> bytes:
        return self.whole if isinstance(self.whole, bytes) else self.whole.decoded()

    @property
    def size_bytes(self) -> int:
        return len(self.whole) if isinstance(self.whole, bytes) else self.whole.size_bytes


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail taken apart, as far as it can be."""

    headers: Sequence[tuple[str, str]] = ()
    text: str = ""
    html: str = ""
    attachments: Sequence[Attachment] = ()
    is_damaged: bool = False

    @property
    def statuses(self) -> Sequence[RecipientStatus]:
        """What became of each recipient, where this is a delivery report (RFC 3464)."""
        reports = (part for part in self.attachments if part.content_type in STATUS_TYPES)
        return next((recipient_statuses(part.content) for part in reports), ())

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
        return _REMOTE.search(self.html, 0, _SEARCHED_CHARACTERS) is not None


def find_caught(queue_id: str) -> CaughtMail | None:
    """None too where its content is gone."""
    mails = CaughtMail.objects.select_related("message")
    return mails.filter(message__queue_id=queue_id, message__content__isnull=False).first()


def read(content: bytes) -> ReadMail:
    """`content` taken apart; what cannot be read is left out."""
    thinned = thin(content)
    is_costly = _is_costly(thinned.content)
    try:
        mail = _parsed(thinned.content, is_costly=is_costly)
    except _UNREADABLE:
        return ReadMail(is_damaged=True)
    headers = [(name, header_text(value)) for name, value in mail.raw_items()]
    if is_costly:
        return ReadMail(headers, is_damaged=True)
    text, html, attachments = "", "", []
    leaves = _leaves(mail)
    try:
        for part in islice(leaves, _MAX_PARTS):
            kind = "" if _is_attachment(part) else part.get_content_type()
            if kind == "text/plain" and not text:
                text = _text(part, thinned)
            elif kind == "text/html" and not html:
                html = _text(part, thinned)
            elif content_type := part.get_content_type():
                attachments.append(_attachment(part, content_type, thinned))
        is_damaged = bool(mail.defects) or next(leaves, None) is not None
    except _UNREADABLE:
        is_damaged = True
    return ReadMail(headers, text, html, attachments, is_damaged)


def _parsed(content: bytes, *, is_costly: bool) -> Part:
    if is_costly:
        return BytesHeaderParser(policy=_POLICY).parsebytes(content.partition(b"\r\n\r\n")[0])
    return message_from_bytes(content, policy=_POLICY)


def _is_costly(content: bytes) -> bool:
    """No mail that somebody wrote is; one that was made to be would hold up the console."""
    if content.count(b"\n--") > _MAX_BOUNDARY_LINES:
        return True
    containers = 1 + sum(1 for _ in _CONTAINER.finditer(content))
    return content.count(b"\n") * containers > _MAX_LINE_COMPARISONS


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

    left = _MAX_INLINED_CHARACTERS

    def image(match: re.Match[str]) -> str:
        nonlocal left
        part = images.get(match[1])
        if part is None or part.size_bytes * 4 // 3 > left:
            return match[0]
        url = f"data:{part.content_type};base64,{b64encode(part.content).decode()}"
        left -= len(url)
        return url

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
    return part.get_content_disposition() == "attachment" or bool(_file_name(part))


def _file_name(part: Part) -> str:
    try:
        return _CONTROL.sub("", header_text(part.get_filename() or ""))
    except _UNREADABLE:
        return ""


def _attachment(part: Part, content_type: str, thinned: Thinned) -> Attachment:
    content_id = header_text(str(part.get("Content-ID", ""))).strip().strip("<>")
    description = _CONTROL.sub("", header_text(str(part.get("Content-Description", ""))))
    name = _file_name(part) or content_id or description or "unnamed"
    run = _run_in(part, thinned)
    return Attachment(name, content_type, content_id, run or _bytes(part))


def _run_in(part: Part, thinned: Thinned) -> Run | None:
    payload = part.get_payload() if thinned.runs and not part.is_multipart() else ""
    return thinned.run_in(str(payload)[:100].encode("ascii", "replace"))


def _bytes(part: Part) -> bytes:
    if part.is_multipart():
        return b"".join(child.as_bytes() for child in part.get_payload())  # type: ignore[union-attr]
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Part, thinned: Thinned) -> str:
    charset = part.get_content_charset() or "utf-8"
    run = _run_in(part, thinned)
    return to_text(run.decoded() if run else _bytes(part), charset).replace("\0", "\ufffd")
