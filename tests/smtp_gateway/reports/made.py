"""Reported mails without a database, and the reports on them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from smtp_gateway.dsn import MailDsn
from smtp_gateway.queue.report_values import LastAttempt, Notice, ReportedMail
from smtp_gateway.reports.report_mail import Letterhead, report_mail
from smtp_gateway.reports.words import Reading
from tests.smtp_gateway.reports.parsing import Report, parse

ACCEPTED = datetime(2026, 11, 26, 3, 34, 52, tzinfo=UTC)
TRIED = ACCEPTED + timedelta(minutes=3)
EXPIRES = ACCEPTED + timedelta(hours=24)
ORIGINAL = (
    b"From: app@example.com\r\nTo: anna@example.org\r\nMessage-ID: <1@example.com>\r\n"
    b"Subject: Your order\r\n\r\nThank you.\r\n"
)
READING = Reading("mail.directmail.test", UTC, "https://console.test/mail-log/01KB2Q7XG5W9D3MT/")
LETTERHEAD = Letterhead(
    from_address="directmail@directmail.test",
    to_address="help@example.com",
    date=TRIED,
    message_id="<report@directmail.test>",
    boundary="=_boundary",
)


def tried(reply: str = "550 5.1.1 No such user", **fields: Any) -> LastAttempt:
    return LastAttempt(**{"at": TRIED, "next_hop": "mx.example.net:25", "reply": reply, **fields})


def notice(kind: Any = "failed", recipient: str = "anna@example.org", **fields: Any) -> Notice:
    values: dict[str, Any] = {"report_id": 1, "orcpt": "", "is_over": True, "last": tried()}
    return Notice(kind=kind, recipient=recipient, **{**values, **fields})


def mail(
    content: bytes = ORIGINAL, *, ret: str = "", envid: str = "", **fields: Any
) -> ReportedMail:
    values: dict[str, Any] = {
        "message_id": 1, "queue_id": "01KB2Q7XG5W9D3MT", "sender_address": "app@example.com",
        "mail_from": "app@example.com", "header_message_id": "<1@example.com>",
        "subject": "Your order", "accepted_at": ACCEPTED, "expires_at": EXPIRES,
        "needs_smtputf8": False, "dsn": MailDsn(ret, envid), "is_whole": True,
    }  # fmt: skip
    return ReportedMail(content=content, **{**values, **fields})


def report_bytes(about: ReportedMail, *notices: Notice) -> bytes:
    return report_mail(about, notices, LETTERHEAD, READING)


def report(about: ReportedMail, *notices: Notice) -> Report:
    return parse(report_bytes(about, *notices))
