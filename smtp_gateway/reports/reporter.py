"""Makes the reports that are due: each is a mail in the queue, accepted as the report is marked.

One transaction does both, so that a reporter that is killed has reported, or has not. Reports have
the null sender: nobody is ever told about a report (RFC 5321 section 6.1).
"""

import functools
import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import make_msgid

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from smtp_gateway import directory, queue, wake
from smtp_gateway.queue import Notice, ReportedMail
from smtp_gateway.queue_id import new_queue_id
from smtp_gateway.reasons import REPORT_UNADDRESSED
from smtp_gateway.relay.classify import RULES
from smtp_gateway.reports.report_mail import Letterhead, report_mail
from smtp_gateway.reports.words import Reading, report_subject

MAX_RETURNED_BYTES = 256 * 1024
"""A larger mail comes back with its headers only, whatever RET says."""
_REPORTS = 100
_AGAIN = timedelta(minutes=10)
# One of the codes that an index finds; the reason says what is special about it.
_ADVICE = {name: category.advice for name, category in RULES.categories.items()}

log = logging.getLogger(__name__)


def make_due_reports() -> int:
    """One round: of how many mails something was told. 0: nothing is due, or others are at it."""
    with transaction.atomic():
        mails = queue.take_reported_mails(limit=_REPORTS, full_bytes=MAX_RETURNED_BYTES)
        readers = directory.verified_reply_tos({mail.sender_address for mail in mails})
        for mail in mails:
            _report(mail, readers)
        if mails:
            transaction.on_commit(functools.partial(wake.send_hint, "trigger"))
    return len(mails)


def _report(mail: ReportedMail, readers: Mapping[str, str]) -> None:
    ids = [notice.report_id for notice in mail.notices]
    try:
        with transaction.atomic():
            queue_id = _send(mail, readers.get(mail.sender_address, ""))
            is_kept = bool(queue_id) and mail.sender_address not in readers
            queue.mark_reported(report_ids=ids, queue_id=queue_id, is_kept_here=is_kept)
    except Exception:  # the task's edge: one mail that cannot be reported holds up no other
        log.exception("report.fault", extra={"queue_id": mail.queue_id})
        queue.put_off_reports(report_ids=ids, for_=_AGAIN)


def _send(mail: ReportedMail, reader: str) -> str:
    """Accepts the mail that reports on `mail`; its queue id, or empty: nothing to tell any more.

    `reader` is who gets it; empty: nobody can, so that it is kept here.
    """
    notices = [notice for notice in mail.notices if notice.is_current]
    if not notices:
        return ""
    submission = _submission(mail, notices, reader or mail.mail_from)
    queue.accept([submission])
    if not reader:
        queue.keep_here(submission.queue_id, reason_code=REPORT_UNADDRESSED, reason=_why_kept(mail))
    facts = {"queue_id": mail.queue_id, "report": submission.queue_id, "is_kept": not reader}
    log.info("report.made", extra=facts)
    return submission.queue_id


def _submission(mail: ReportedMail, notices: Sequence[Notice], to: str) -> queue.Submission:
    now = timezone.now()
    letterhead = Letterhead(
        from_address=settings.SYSTEM_MAIL_FROM,
        to_address=to,
        date=timezone.localtime(now),
        message_id=make_msgid(domain=settings.SMTP_HOSTNAME),
        boundary=f"=_{secrets.token_hex(16)}",
    )
    content = report_mail(mail, notices, letterhead, _reading(mail))
    return queue.Submission(
        queue_id=new_queue_id(),
        origin="system",
        mail_type="trigger",
        sender_address="",
        mail_from="",
        recipients=[to],
        content=content,
        accepted_at=now,
        expires_at=now + directory.mail_policy("trigger").lifetime,
        message_id=letterhead.message_id,
        subject=report_subject(mail, notices),
        is_8bit=not content.isascii(),
    )


def _reading(mail: ReportedMail) -> Reading:
    path = reverse("smtp_gateway:mail", args=[mail.queue_id])
    return Reading(
        host_name=settings.SMTP_HOSTNAME,
        zone=timezone.get_current_timezone(),
        mail_url=f"{settings.PUBLIC_URL}{path}",
        advice_by_category=_ADVICE,
    )


def _why_kept(mail: ReportedMail) -> str:
    return (
        f"Kept in the local mailbox: {mail.sender_address or mail.mail_from} has no verified"
        " reply-to address."
    )
