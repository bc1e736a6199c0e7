"""Mail that DirectMail composes itself: into the same queue, without SMTP in between."""

import functools
import re
from collections.abc import Sequence
from datetime import datetime
from email.generator import BytesGenerator
from email.message import EmailMessage, Message
from email.utils import format_datetime, make_msgid, parseaddr
from io import BytesIO

import idna
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from smtp_gateway import queue, wake
from smtp_gateway.directory import mail_policy, sender_policy
from smtp_gateway.identity import MailType
from smtp_gateway.mail_text import header_text
from smtp_gateway.queue_id import new_queue_id
from smtp_gateway.quota.charging import charge

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


class BadAddress(ValueError):
    """An envelope address that no mail can be sent to; the text names it."""


def submit_composed(
    mail: EmailMessage | Message,
    *,
    origin: queue.ComposedOrigin,
    mail_type: MailType,
    mail_from: str,
    recipients: Sequence[str],
    sender_address: str = "",
    expires_at: datetime | None = None,
) -> str:
    """Queues `mail` and returns its queue id; durable when the surrounding transaction commits.

    `expires_at`: when attempts end; None: after the lifetime of the mail type.
    Addresses may have display names and U-labels. Adds Date and Message-ID where they are missing
    and drops Bcc. Mail of a sender address counts against its quotas. Raises BadAddress, OverQuota.
    """
    now = timezone.now()
    _complete(mail)
    content = _content(mail)
    mail_from = envelope_address(mail_from)
    # A dict keeps the order and one of each.
    recipients = list(dict.fromkeys(envelope_address(recipient) for recipient in recipients))
    headers = content.partition(b"\r\n\r\n")[0]
    submission = queue.Submission(
        queue_id=new_queue_id(),
        origin=origin,
        mail_type=mail_type,
        sender_address=sender_address,
        mail_from=mail_from,
        recipients=recipients,
        content=content,
        accepted_at=now,
        expires_at=expires_at or now + mail_policy(mail_type).lifetime,
        message_id=_printable(str(mail["Message-ID"])),
        subject=_printable(header_text(str(mail["Subject"] or ""))),
        needs_smtputf8=not ("".join([mail_from, *recipients]).isascii() and headers.isascii()),
        is_8bit=not content.isascii(),
    )
    if sender_address:
        policy = sender_policy(sender_address, mail_type)
        charge(
            address=sender_address,
            mail_type=mail_type,
            quota=policy.quota,
            recipients=len(recipients),
            now=now,
        )
    queue.accept([submission])
    transaction.on_commit(functools.partial(wake.send_hint))
    return submission.queue_id


def envelope_address(text: str) -> str:
    """The bare address in `text`, its domain in A-labels and lower case. Raises BadAddress."""
    name, at, domain = parseaddr(text)[1].rpartition("@")
    if not (name and at and domain) or _UNPRINTABLE.search(text):
        raise BadAddress(f"No mail can be sent to the address {text!r}.")
    try:
        ascii_domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise BadAddress(f"No mail can be sent to the domain of {text!r}.") from None
    return f"{name}@{ascii_domain.lower()}"


def _complete(mail: Message) -> None:
    if "Date" not in mail:
        mail["Date"] = format_datetime(timezone.localtime())
    if "Message-ID" not in mail:
        mail["Message-ID"] = make_msgid(domain=settings.SMTP_HOSTNAME)
    del mail["Bcc"]


def _content(mail: Message) -> bytes:
    """The bytes with CRLF. The mail's own policy folds: another one would rewrite headers."""
    buffer = BytesIO()
    policy = mail.policy.clone(linesep="\r\n")
    BytesGenerator(buffer, mangle_from_=False, policy=policy).flatten(mail)
    return buffer.getvalue()


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text).strip()
