"""Inviting, sending again, withdrawing and accepting."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from directmail.invitations.links import BadToken, read_token
from directmail.invitations.tasks import queue_invitation_mail
from directmail.models import Invitation, Operator
from senders.audit.recording import Target, record
from verification.mail_address import InvalidMailAddress, normalize


class CannotInvite(ValueError):
    """Why not, for the admin who typed the address."""


class Refusal(Enum):
    """Why a link makes no account."""

    TAMPERED = "tampered"
    EXPIRED = "expired"
    USED = "used"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Found:
    """What a link leads to: an invitation that can be accepted, or why it cannot."""

    invitation: Invitation | None
    refusal: Refusal | None


def invite(*, email: str, role: str, by: Operator, now: datetime) -> Invitation:
    """Starts the mail, in the language of whoever asks. Raises CannotInvite."""
    address = _invitable(email)
    try:
        with transaction.atomic():
            invitation: Invitation = Invitation.objects.create(
                email=address,
                role=role,
                invited_by=by.email,
                language=_language(),
                link_id=_link_id(),
                asked_at=now,
            )
            record(action="invitation.created", on=target(invitation), after={"role": role})
            transaction.on_commit(lambda: queue_invitation_mail(invitation.pk))
    except IntegrityError:
        raise CannotInvite(_("%(email)s is invited already.") % {"email": address}) from None
    return invitation


def send_again(invitation: Invitation, *, now: datetime) -> bool:
    """A new mail with a new link, valid from now; the former one ends. False: no longer open."""
    with transaction.atomic():
        row = Invitation.objects.open().filter(pk=invitation.pk)
        is_open = row.update(link_id=_link_id(), asked_at=now, mailed_at=None, language=_language())
        if is_open:
            record(action="invitation.sent_again", on=target(invitation))
            transaction.on_commit(lambda: queue_invitation_mail(invitation.pk))
    return bool(is_open)


def withdraw(invitation: Invitation, *, now: datetime) -> bool:
    """Ends its link. False: no longer open."""
    with transaction.atomic():
        was_open = Invitation.objects.open().filter(pk=invitation.pk).update(withdrawn_at=now)
        if was_open:
            record(action="invitation.withdrawn", on=target(invitation))
    return bool(was_open)


def look_up(token_text: str, *, now: datetime) -> Found:
    """What a link stands for now."""
    try:
        token = read_token(token_text)
    except BadToken:
        return Found(None, Refusal.TAMPERED)
    invitation = Invitation.objects.filter(pk=token.invitation_id).first()
    if invitation is None:
        return Found(None, Refusal.WITHDRAWN)
    return Found(invitation, _refusal(invitation, token.link_id, now))


def accept(invitation: Invitation, *, password: str, now: datetime) -> Operator | None:
    """The new operator; None: somebody used the link, or ended it, a moment ago.

    The caller has checked the password.
    """
    with transaction.atomic():
        won = (
            Invitation.objects.acceptable(now)
            .filter(pk=invitation.pk, link_id=invitation.link_id)
            .update(accepted_at=now)
        )
        if not won or Operator.objects.filter(email=invitation.email).exists():
            transaction.set_rollback(True)
            return None
        operator = Operator.objects.create_user(invitation.email, password, role=invitation.role)
        record(action="invitation.accepted", on=target(invitation), after={"role": operator.role})
    return operator


def target(invitation: Invitation) -> Target:
    """An invitation as the audit log names it."""
    return Target("invitation", str(invitation.pk), invitation.email)


def _invitable(email: str) -> str:
    try:
        address = normalize(email)
        # What a log-in name may be is a little narrower than what mail can be sent to.
        validate_email(address)
    except InvalidMailAddress as error:
        raise CannotInvite(str(error)) from None
    except ValidationError as error:
        raise CannotInvite(error.messages[0]) from None
    if Operator.objects.filter(email=address).exists():
        raise CannotInvite(_("%(email)s has an account already.") % {"email": address})
    return address


def _refusal(invitation: Invitation, link_id: str, now: datetime) -> Refusal | None:
    if invitation.accepted_at is not None:
        return Refusal.USED
    if invitation.withdrawn_at is not None:
        return Refusal.WITHDRAWN
    if invitation.link_id != link_id:
        return Refusal.SUPERSEDED
    return Refusal.EXPIRED if invitation.valid_until <= now else None


def _language() -> str:
    """What is active now; a task does not know it."""
    return translation.get_language() or ""


def _link_id() -> str:
    return secrets.token_urlsafe(16)
