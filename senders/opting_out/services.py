"""Opts recipients out and, where it was a mistake, in again. The token is the whole authority."""

from datetime import datetime

from django.conf import settings

from senders.models import MailType, SenderAddress
from senders.opting_out.links import opt_out_of
from senders.opting_out.token import BadToken, OptOut
from senders.suppression import Reason, Scope, Suppression, SuppressionQuerySet
from senders.suppressions.services import lift, suppress
from senders.suppressions.target import target_of_recipient

UNDONE = "Undone by the recipient on the page behind the link."
_LONGEST_EVIDENCE = 1000


def opt_out(token: str, *, evidence: str, now: datetime) -> OptOut:
    """From now on that recipient gets no more mail of that sender address, or, by OPT_OUT_SCOPE,
    of its mail type. Once more changes nothing, and what was undone holds again. `evidence`: the
    very request. Raises BadToken.
    """
    wanted = opt_out_of(token)
    suppress(
        reason=Reason.OPT_OUT,
        recipient_or_domain=wanted.recipient,
        sender_address=wanted.sender_address,
        mail_type=_mail_type_of(wanted),
        scope=settings.OPT_OUT_SCOPE,
        evidence=evidence[:_LONGEST_EVIDENCE].replace("\0", ""),
        reopens=UNDONE,
        now=now,
    )
    return wanted


def opt_out_by_mail(subject: str, *, evidence: str, now: datetime) -> OptOut | None:
    """What the mailto link asks for: the token is the last word of the subject. None: it is none.

    Who sent the mail does not matter, as envelope senders can be anybody's.
    """
    token = subject.split()[-1:]
    try:
        return opt_out(token[0], evidence=evidence, now=now) if token else None
    except BadToken:
        return None


def undo(token: str, *, now: datetime) -> OptOut:
    """Mail comes again, as far as opting out was why it did not. Raises BadToken."""
    wanted = opt_out_of(token)
    lift(_opt_outs(wanted, now), why=UNDONE, now=now)
    return wanted


def is_opted_out(wanted: OptOut, now: datetime) -> bool:
    """Whether an opt-out holds for it already."""
    return bool(_opt_outs(wanted, now).exists())


def _opt_outs(wanted: OptOut, now: datetime) -> SuppressionQuerySet:
    living: SuppressionQuerySet = Suppression.objects.living(now).filter(
        target=target_of_recipient(wanted.recipient), reason=Reason.OPT_OUT
    )
    of_type = living.filter(scope=Scope.MAIL_TYPE, mail_type=_mail_type_of(wanted))
    return living.of_sender(wanted.sender_address) | of_type


def _mail_type_of(wanted: OptOut) -> str:
    """Of an address that was deleted since, what only batch mail could have been."""
    found = SenderAddress.objects.filter(address=wanted.sender_address)
    return found.values_list("mail_type", flat=True).first() or MailType.BATCH
