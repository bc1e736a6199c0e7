"""What an operator does to sender addresses; pages and commands both come through here."""

import logging
from datetime import datetime
from typing import cast

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senders.audit.recording import Values as Facts
from senders.audit.recording import record
from senders.audited import facts_of, target_of
from senders.credential_services import set_smtp_password as set_smtp_password
from senders.credential_services import switch_smtp_off as switch_smtp_off
from senders.errors import InvalidField as InvalidField
from senders.errors import PasswordRefused as PasswordRefused
from senders.models import MAX_ADDRESS_LENGTH, MailType, ReplyToOnSmtp, SenderAddress
from verification import services as verification
from verification.mail_address import InvalidMailAddress, normalize
from verification.models import Verification

ADDRESS_EXISTS = gettext_lazy("This sender address exists already.")

log = logging.getLogger(__name__)


def create_sender_address(
    *, address: str, mail_type: str, reply_to: str = "", now: datetime
) -> SenderAddress:
    """Raises InvalidField."""
    address = valid_sender_address(address)
    if mail_type not in MailType.values:
        raise InvalidField("mail_type", _("Choose Trigger Mail or Batch Mail."))
    reply_to = valid_reply_to(reply_to)
    try:
        with transaction.atomic():
            sender = SenderAddress.objects.create(
                address=address, mail_type=mail_type, created_at=now
            )
            _point_reply_to(sender, reply_to)
            record(action="sender_address.created", on=target_of(sender), after=facts_of(sender))
    except IntegrityError:
        raise InvalidField("address", str(ADDRESS_EXISTS)) from None
    log.info("sender_address.created", extra={"address": address, "mail_type": mail_type})
    return sender


def change_reply_to(sender: SenderAddress, *, reply_to: str) -> None:
    """Another reply-to address, unproven; empty: none. Raises InvalidField."""
    reply_to = valid_reply_to(reply_to)
    with transaction.atomic():
        locked = SenderAddress.objects.locked(sender)
        before = facts_of(locked)
        if locked.reply_to_address != reply_to:
            _point_reply_to(locked, reply_to)
            _record("reply_to_changed", locked, before, facts_of(locked))
    sender.refresh_from_db()
    log.info("sender_address.reply_to_changed", extra={"address": sender.address})


def choose_reply_to_on_smtp(sender: SenderAddress, *, choice: str) -> None:
    """What becomes of the Reply-To of mail that applications submit. Raises InvalidField."""
    if choice not in ReplyToOnSmtp.values:
        raise InvalidField("reply_to_on_smtp", _("Choose one of the three."))
    with transaction.atomic():
        locked = SenderAddress.objects.locked(sender)
        before = {"reply_to_on_smtp": locked.reply_to_on_smtp}
        locked.reply_to_on_smtp = choice
        locked.save(update_fields=["reply_to_on_smtp"])
        if before["reply_to_on_smtp"] != choice:
            _record("reply_to_on_smtp_changed", locked, before, {"reply_to_on_smtp": choice})
    sender.refresh_from_db()
    log.info("sender_address.reply_to_on_smtp_changed", extra={"address": sender.address})


def request_reply_to_verification(
    sender: SenderAddress, *, now: datetime, requested_by: str = ""
) -> None:
    """Sends the reply-to's owner a link. Raises InvalidField, TooSoon, AlreadyVerified.

    `requested_by` is the operator, for the mail to say who asks.
    """
    with transaction.atomic():
        locked = SenderAddress.objects.locked(sender)
        if not locked.reply_to_address:
            raise InvalidField("reply_to", _("Set a reply-to address first."))
        if locked.reply_to_verification is None:
            _point_reply_to(locked, locked.reply_to_address)
        proof = cast("Verification", locked.reply_to_verification)
        verification.request_link(proof, now=now, requested_by=requested_by)
        _record("verification_requested", locked, {}, {"reply_to": locked.reply_to_address})
    sender.refresh_from_db()
    log.info("sender_address.verification_requested", extra={"address": sender.address})


def suspend(sender: SenderAddress, *, now: datetime) -> None:
    """Stops sending as this address, keeping everything that is set up."""
    with transaction.atomic():
        rows = SenderAddress.objects.filter(pk=sender.pk, suspended_at=None)
        if rows.update(suspended_at=now):
            _record("suspended", sender, {"state": "active"}, {"state": "suspended"})
    sender.refresh_from_db()
    log.info("sender_address.suspended", extra={"address": sender.address})


def resume(sender: SenderAddress) -> None:
    """Ends a suspension."""
    with transaction.atomic():
        rows = SenderAddress.objects.filter(pk=sender.pk, suspended_at__isnull=False)
        if rows.update(suspended_at=None):
            _record("resumed", sender, {"state": "suspended"}, {"state": "active"})
    sender.refresh_from_db()
    log.info("sender_address.resumed", extra={"address": sender.address})


def delete_sender_address(sender: SenderAddress) -> None:
    """Mail that is queued goes out all the same, and the mail log keeps its history."""
    with transaction.atomic():
        locked = SenderAddress.objects.locked(sender)
        if locked.reply_to_verification is not None:
            verification.withdraw(locked.reply_to_verification)
        _record("deleted", locked, facts_of(locked), {})
        locked.delete()
    log.info("sender_address.deleted", extra={"address": sender.address})


def purge_unused_verifications(*, before: datetime) -> int:
    """Removes verifications that no address points to and that were last asked for before then."""
    stale = Verification.objects.filter(sender_addresses=None).exclude(requested_at__gte=before)
    return stale.delete()[0]


def _record(what: str, sender: SenderAddress, before: Facts, after: Facts) -> None:
    record(action=f"sender_address.{what}", on=target_of(sender), before=before, after=after)


def _point_reply_to(sender: SenderAddress, reply_to: str) -> None:
    old = sender.reply_to_verification
    if old is not None:
        verification.withdraw(old)
    sender.reply_to_address = reply_to
    sender.reply_to_verification = (
        verification.open_verification(subject=sender.address, mailbox=reply_to)
        if reply_to
        else None
    )
    sender.save(update_fields=["reply_to_address", "reply_to_verification"])


def valid_sender_address(text: str) -> str:
    """The stored form of a sender address. Raises InvalidField."""
    if not text.strip():
        raise InvalidField("address", _("Enter the address, for example news@example.com."))
    try:
        address = normalize(text)
    except InvalidMailAddress as error:
        raise InvalidField("address", str(error)) from None
    name = address.rpartition("@")[0]
    if not set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-+."):
        raise InvalidField(
            "address",
            _("Before the @ only letters a-z, digits and the signs _ - + . can be used."),
        )
    if len(address) > MAX_ADDRESS_LENGTH:
        raise InvalidField(
            "address",
            _("The address has %(count)d characters; at most %(most)d can be used.")
            % {"count": len(address), "most": MAX_ADDRESS_LENGTH},
        )
    return address


def valid_reply_to(text: str) -> str:
    """The stored form of a reply-to address; empty stays empty. Raises InvalidField."""
    if not text.strip():
        return ""
    try:
        return normalize(text)
    except InvalidMailAddress as error:
        raise InvalidField("reply_to", str(error)) from None
