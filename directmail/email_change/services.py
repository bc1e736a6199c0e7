"""Asking for another address of an account, confirming it, and taking the wish back.

Whether somebody else has the address already is told to admins, who see everybody, and to the
owner of the mailbox; whoever asks for the own account hears the same either way.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from directmail.audited import target_of
from directmail.email_change import notices
from directmail.email_change.links import BadToken, Token, read_token
from directmail.email_change.tasks import queue_email_change_mail
from directmail.models import EmailChange, Operator
from senders.audit.acting import Actor
from senders.audit.recording import record
from verification.mail_address import InvalidMailAddress, normalize

log = logging.getLogger(__name__)


class CannotChange(ValueError):
    """Why not, for whoever typed the address."""


class Refusal(Enum):
    """Why a link changes nothing."""

    TAMPERED = "tampered"
    EXPIRED = "expired"
    ENDED = "ended"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Found:
    """What a link leads to: a change that can be made, or why it cannot."""

    change: EmailChange | None
    refusal: Refusal | None


def ask(operator: Operator, *, email: str, by: Operator, now: datetime) -> EmailChange:
    """Starts the mail to the new address, and one to the present. Raises CannotChange.

    A former wish of the same account ends, and so does its link.
    """
    address = _wanted(operator, email, by)
    wish = {
        "email": address,
        "asked_by": by.email,
        "asked_at": now,
        "mailed_at": None,
        "language": operator.language or translation.get_language() or "",
        "link_id": secrets.token_urlsafe(16),
    }
    with transaction.atomic():
        change, _created = EmailChange.objects.update_or_create(operator=operator, defaults=wish)
        record(
            action="operator.email_change_asked",
            on=target_of(operator),
            before={"email": operator.email},
            after={"email": address},
        )
        transaction.on_commit(lambda: queue_email_change_mail(change.pk))
    return change


def withdraw(operator: Operator) -> bool:
    """Ends the link that is out there. False: there was none."""
    with transaction.atomic():
        change = EmailChange.objects.select_for_update().filter(operator=operator).first()
        if change is None:
            return False
        change.delete()
        before = {"email": change.email}
        record(action="operator.email_change_withdrawn", on=target_of(operator), before=before)
    return True


def look_up(token_text: str, *, now: datetime) -> Found:
    """What a link stands for now."""
    try:
        token = read_token(token_text)
    except BadToken:
        return Found(None, Refusal.TAMPERED)
    change = EmailChange.objects.select_related("operator").filter(pk=token.operator_id).first()
    if change is None or change.link_id != token.link_id:
        return Found(None, Refusal.ENDED)
    return Found(change, _refusal(change, now))


def confirm(token: Token, *, who: Actor, now: datetime) -> Refusal | None:
    """Makes the change, once. `who`: the owner of the mailbox. None: it is made."""
    with transaction.atomic():
        change = EmailChange.objects.select_for_update().filter(pk=token.operator_id).first()
        if change is None or change.link_id != token.link_id:
            return Refusal.ENDED
        if refusal := _refusal(change, now):
            return refusal
        operator = Operator.objects.select_for_update().get(pk=change.pk)
        former, operator.email = operator.email, change.email
        operator.save(update_fields=["email"])
        # allauth would let the former one log in for as long as it has a row of it.
        EmailAddress.objects.filter(user=operator).delete()
        change.delete()
        record(
            who,
            action="operator.email_changed",
            on=target_of(operator),
            before={"email": former},
            after={"email": operator.email},
        )
        notices.tell_of_change(operator, former=former, now=now)
    log.info("operator.email_changed", extra={"email": former})
    return None


def _wanted(operator: Operator, email: str, by: Operator) -> str:
    try:
        address = normalize(email)
        # What a log-in name may be is a little narrower than what mail can be sent to.
        validate_email(address)
    except InvalidMailAddress as error:
        raise CannotChange(str(error)) from None
    except ValidationError as error:
        raise CannotChange(error.messages[0]) from None
    if address == operator.email:
        raise CannotChange(_("This is the present address."))
    if by.pk != operator.pk and Operator.objects.filter(email=address).exists():
        raise CannotChange(_("%(email)s has an account already.") % {"email": address})
    return address


def _refusal(change: EmailChange, now: datetime) -> Refusal | None:
    if change.valid_until <= now:
        return Refusal.EXPIRED
    return Refusal.TAKEN if change.is_taken() else None
