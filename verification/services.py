"""Asking for proof of a mailbox, giving it, and taking it back.

Knows no sender addresses: `subject` tells the mailbox's owner what the proof is for.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from enum import Enum

from django.db import transaction
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from verification.links import BadToken, read_token
from verification.models import LINK_LIFETIME, MailState, Verification
from verification.tasks import queue_link_mail

log = logging.getLogger(__name__)

WhenProven = Callable[[Verification], None]

_NO_MAIL = {"mail_message_id": "", "mail_state": MailState.NONE, "mail_problem": ""}


class TooSoon(Exception):
    """The last request is less than the cool-down ago."""

    def __init__(self, again_at: datetime) -> None:
        at = formats.time_format(timezone.localtime(again_at), "H:i")
        super().__init__(_("You can ask again at %(time)s.") % {"time": at})
        self.again_at = again_at


class AlreadyVerified(Exception):
    """There is nothing left to prove."""


class Refusal(Enum):
    """Why a link proves nothing."""

    TAMPERED = "tampered"
    EXPIRED = "expired"
    USED = "used"
    SUPERSEDED = "superseded"


def open_verification(*, subject: str, mailbox: str) -> Verification:
    """The row for this subject and mailbox, unproven. Its cool-down outlives a change of mind."""
    verification, created = Verification.objects.get_or_create(subject=subject, mailbox=mailbox)
    if not created:
        withdraw(verification)
    return verification


def withdraw(verification: Verification) -> None:
    """Clears the proof and ends every link that is out there."""
    Verification.objects.filter(pk=verification.pk).update(
        link_id="", confirmed_at=None, **_NO_MAIL
    )
    verification.refresh_from_db()


def request_link(verification: Verification, *, now: datetime, requested_by: str = "") -> None:
    """Starts the mail with a fresh link; older links are superseded.

    `requested_by` is who asks, for the mailbox's owner to read; empty: nobody in particular. The
    mail is in the language that is active now: that of whoever asks.

    Raises TooSoon, AlreadyVerified. One UPDATE decides, so of two simultaneous requests one wins.
    """
    with transaction.atomic():
        won = (
            Verification.objects.requestable(now)
            .filter(pk=verification.pk, confirmed_at=None)
            .update(
                requested_at=now,
                requested_by=requested_by,
                language=translation.get_language() or "",
                link_id=secrets.token_urlsafe(16),
                **_NO_MAIL,
            )
        )
        verification.refresh_from_db()
        if won:
            transaction.on_commit(lambda: queue_link_mail(verification.pk))
            return
    if verification.is_proven:
        raise AlreadyVerified
    raise TooSoon(verification.next_request_at(now) or now)


def look_up(token_text: str, *, now: datetime) -> tuple[Verification | None, Refusal | None]:
    """What a link stands for: the verification it could confirm now, or why it cannot."""
    try:
        token = read_token(token_text)
    except BadToken:
        return None, Refusal.TAMPERED
    verification = Verification.objects.filter(pk=token.verification_id).first()
    if verification is None or verification.link_id != token.link_id:
        return verification, Refusal.SUPERSEDED
    return verification, _refusal(verification, now)


def confirm(
    token_text: str, *, now: datetime, when_proven: WhenProven | None = None
) -> tuple[Verification | None, Refusal | None]:
    """Proves the mailbox, once. Two simultaneous confirmations: one proves, one finds it used.

    `when_proven` is called in the transaction of the proof.
    """
    verification, refusal = look_up(token_text, now=now)
    if verification is None or refusal is not None:
        return verification, refusal
    with transaction.atomic():
        won = (
            Verification.objects.open(now)
            .filter(pk=verification.pk, link_id=verification.link_id)
            .update(confirmed_at=now)
        )
        if won:
            verification.refresh_from_db()
            if when_proven:
                when_proven(verification)
    if not won:
        return look_up(token_text, now=now)
    log.info("verification.confirmed", extra={"mailbox": verification.mailbox})
    return verification, None


def record_mail_state(*, message_id: str, state: MailState, problem: str = "") -> None:
    """Says at the verification how far its mail came, and why no further."""
    if message_id:
        waiting = Verification.objects.filter(mail_message_id=message_id, confirmed_at=None)
        waiting.update(mail_state=state, mail_problem=problem)


def _refusal(verification: Verification, now: datetime) -> Refusal | None:
    if verification.is_proven:
        return Refusal.USED
    if verification.requested_at is None or verification.requested_at + LINK_LIFETIME <= now:
        return Refusal.EXPIRED
    return None
