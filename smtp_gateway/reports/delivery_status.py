"""The fields of message/delivery-status (RFC 3464), and of its form with UTF-8 (RFC 6533). Pure."""

import ipaddress
import re
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from smtp_gateway import dsn
from smtp_gateway.queue.report_values import LastAttempt, Notice, ReportedMail
from smtp_gateway.reports.status import status_code

_WIDTH = 76
# A line has at most 998 octets, and a character up to 4 (RFC 5322 section 2.1.1).
_LONG_WORD = re.compile(r"\S{240}(?=\S)")
_PLAIN_QCHAR = re.compile(r"[!-*,-<>-\[\]-~]")

Field = tuple[str, str]


def delivery_status(mail: ReportedMail, notices: Sequence[Notice], *, reporting_mta: str) -> str:
    """One block about the mail and one for each notice; with UTF-8 where the mail needs it."""
    is_global = mail.needs_smtputf8
    blocks = [_mail_fields(mail, reporting_mta)]
    blocks += [_recipient_fields(mail, notice, is_global=is_global) for notice in notices]
    return "\r\n".join("".join(_line(*field) for field in block) for block in blocks)


def _mail_fields(mail: ReportedMail, reporting_mta: str) -> Iterator[Field]:
    # Section 2.2: in this order.
    if mail.dsn.envid:
        yield "Original-Envelope-Id", dsn.readable_envid(mail.dsn.envid)
    yield "Reporting-MTA", f"dns; {reporting_mta}"
    yield "Arrival-Date", _date(mail.accepted_at)


def _recipient_fields(mail: ReportedMail, notice: Notice, *, is_global: bool) -> Iterator[Field]:
    # Section 2.3: in this order.
    if notice.orcpt:
        yield "Original-Recipient", _original(notice.orcpt, is_global=is_global)
    yield "Final-Recipient", _final(notice.recipient, is_global=is_global)
    yield "Action", notice.kind
    yield "Status", status_code(notice)
    yield from _attempt_fields(notice, notice.last, is_global=is_global)
    yield "Final-Log-ID", mail.queue_id
    if notice.kind == "delayed":
        yield "Will-Retry-Until", _date(mail.expires_at)


def _attempt_fields(notice: Notice, last: LastAttempt, *, is_global: bool) -> Iterator[Field]:
    if last.next_hop and last.reply:
        # Section 2.3.5: where the words come from.
        yield "Remote-MTA", f"dns; {_host(last.next_hop)}"
    words = f"smtp; {last.reply}" if last.reply else f"X-DirectMail; {notice.reason}"
    if last.reply or notice.reason.strip():
        words = _LONG_WORD.sub(r"\g<0> ", " ".join(words.split()))
        yield "Diagnostic-Code", words if is_global else _ascii(words)
    if last.at:
        yield "Last-Attempt-Date", _date(last.at)


def _line(name: str, value: str) -> str:
    """One field; folded is what somebody said, as an address may have blanks that count."""
    line = f"{name}: {value}"
    if name == "Diagnostic-Code":
        line = "\r\n".join(
            textwrap.wrap(
                line, _WIDTH, subsequent_indent=" ", break_long_words=False, break_on_hyphens=False
            )
        )
    return f"{line}\r\n"


def _original(orcpt: str, *, is_global: bool) -> str:
    """RFC 3464 section 2.3.1: decoded; UTF-8 stays `\\x{...}` where only ASCII may stand."""
    address_type, _, address = orcpt.partition(";")
    if address_type.lower() == "utf-8" and not is_global:
        return f"{address_type}; {address}"
    return f"{address_type}; {dsn.readable_orcpt(orcpt)}"


def _final(recipient: str, *, is_global: bool) -> str:
    if recipient.isascii():
        return f"rfc822; {recipient}"
    return f"utf-8; {recipient if is_global else _utf_8_xtext(recipient)}"


def _utf_8_xtext(address: str) -> str:
    """RFC 6533 section 3."""
    return "".join(c if _PLAIN_QCHAR.match(c) else f"\\x{{{ord(c):02X}}}" for c in address)


def _host(next_hop: str) -> str:
    """Of "host [ip]:port": an IP alone stands in brackets (RFC 5321 section 4.1.3)."""
    host = re.sub(r":\d+\Z", "", next_hop).split(" ")[0].strip("[]").removeprefix("IPv6:")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _ascii(host)
    return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"


def _date(at: datetime) -> str:
    """RFC 3464 section 2.1.3: with a numeric time zone."""
    return format_datetime(at.astimezone(UTC))


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()
