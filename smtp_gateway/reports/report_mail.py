"""A report as a mail: multipart/report (RFC 6522) with the null sender's manners (RFC 3834). Pure.

The parts are put together here and not by the email package: what is returned of the sender's
mail is returned as it is, and a mail may be broken in any way.
"""

import quopri
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from smtp_gateway.queue.report_values import Notice, ReportedMail
from smtp_gateway.reports.delivery_status import delivery_status
from smtp_gateway.reports.words import Reading, report_subject, report_text

# RFC 5322 section 2.1.1.
_MAX_LINE = 998
# So long that a line holds it.
_MESSAGE_ID = re.compile(r"<[!-~]{1,900}>\Z")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What makes a report one of ours."""

    from_address: str
    to_address: str
    date: datetime
    message_id: str
    boundary: str
    """Random: it must not stand in the mail that is returned."""


def report_mail(
    mail: ReportedMail, notices: Sequence[Notice], letterhead: Letterhead, reading: Reading
) -> bytes:
    """The bytes; ASCII but for what is returned, and for the fields of a mail that needs UTF-8."""
    status = delivery_status(mail, notices, reporting_mta=reading.host_name)
    parts = [
        _text_part(report_text(mail, notices, reading)),
        _status_part(mail, status),
        *_returned_part(mail, notices),
    ]
    kind = "global-delivery-status" if mail.needs_smtputf8 else "delivery-status"
    boundary = letterhead.boundary
    head = _head(mail, report_subject(mail, notices), letterhead)
    head += (
        f'Content-Type: multipart/report; report-type={kind};\r\n boundary="{boundary}"\r\n\r\n'
    ).encode()
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
    return b"%s%s--%s--\r\n" % (head, body, boundary.encode())


def _head(mail: ReportedMail, subject: str, letterhead: Letterhead) -> bytes:
    head = EmailMessage(policy=SMTP)
    head["From"] = f"Mail Delivery <{letterhead.from_address}>"
    head["To"] = letterhead.to_address
    head["Subject"] = subject
    head["Date"] = format_datetime(letterhead.date)
    head["Message-ID"] = letterhead.message_id
    # RFC 3834 section 5: nobody's holiday message answers this.
    head["Auto-Submitted"] = "auto-replied"
    head["MIME-Version"] = "1.0"
    lines = head.as_bytes().removesuffix(b"\r\n")
    # By hand: the email package would fold a long one into encoded words.
    if _MESSAGE_ID.match(mail.header_message_id):
        about = mail.header_message_id
        lines += f"In-Reply-To: {about}\r\nReferences: {about}\r\n".encode()
    return lines


def _text_part(text: str) -> bytes:
    part = EmailMessage(policy=SMTP)
    is_plain = text.isascii() and max(map(len, text.splitlines())) <= _MAX_LINE
    part.set_content(text, cte="7bit" if is_plain else "quoted-printable")
    del part["MIME-Version"]
    part["Content-Description"] = "Notification"
    return part.as_bytes()


def _status_part(mail: ReportedMail, status: str) -> bytes:
    kind = "message/global-delivery-status" if mail.needs_smtputf8 else "message/delivery-status"
    return _part(kind, "Delivery report", status.encode())


def _returned_part(mail: ReportedMail, notices: Sequence[Notice]) -> list[bytes]:
    """All of it where the sender asked for that and it failed (RFC 3461 section 4.3), or headers.

    Nothing where the mail is not kept any more.
    """
    if not mail.content:
        return []
    is_failure = any(notice.kind == "failed" for notice in notices)
    if mail.dsn.ret == "FULL" and mail.is_whole and is_failure:
        kind = "message/global" if mail.needs_smtputf8 else "message/rfc822"
        return [_part(kind, "Your mail", mail.content)]
    headers = mail.content.partition(b"\r\n\r\n")[0] + b"\r\n"
    if mail.needs_smtputf8:
        return [_part("message/global-headers", "Headers of your mail", headers)]
    return [_headers_part(headers)]


def _headers_part(headers: bytes) -> bytes:
    """RFC 6522 section 4: quoted-printable where they are not what headers should be."""
    kind, name = "text/rfc822-headers", "Headers of your mail"
    if headers.isascii():
        return _part(kind, name, headers)
    quoted = quopri.encodestring(headers.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return _part(kind, name, quoted, encoding="quoted-printable")


def _part(kind: str, description: str, content: bytes, *, encoding: str = "") -> bytes:
    encoding = encoding or ("7bit" if content.isascii() else "8bit")
    head = (
        f"Content-Type: {kind}\r\nContent-Description: {description}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return head.encode() + content
