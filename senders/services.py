"""What an operator does to sender addresses; pages and commands both come through here."""

import logging
from datetime import datetime
from typing import cast

from django.db import IntegrityError, connection, transaction

from senders import smtp_password
from senders.models import MAX_ADDRESS_LENGTH, MailType, SenderAddress
from verification import services as verification
from verification.mail_address import InvalidMailAddress, normalize
from verification.models import Verification

ADDRESS_EXISTS = "This sender address exists already."

# Locked in one order, so that gateways don't stand in each other's way.
_RECORD_SMTP_USE = """
WITH used AS (
    SELECT sender.id, t.at FROM senders_senderaddress AS sender
    JOIN unnest(%s::text[], %s::timestamptz[]) AS t(address, at) USING (address)
    ORDER BY sender.id FOR NO KEY UPDATE OF sender
)
UPDATE senders_senderaddress AS sender
SET smtp_last_used_at = greatest(sender.smtp_last_used_at, used.at)
FROM used WHERE used.id = sender.id
"""

log = logging.getLogger(__name__)


class InvalidField(ValueError):
    """One value cannot be taken; `field` names it, the text says why and what to do."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class PasswordRefused(ValueError):
    """The SMTP password breaks the rule; `unmet` has a sentence for each condition."""

    def __init__(self, unmet: list[str]) -> None:
        super().__init__(" ".join(unmet))
        self.unmet = unmet


def create_sender_address(
    *, address: str, mail_type: str, reply_to: str = "", now: datetime
) -> SenderAddress:
    """Raises InvalidField."""
    address = valid_sender_address(address)
    if mail_type not in MailType.values:
        raise InvalidField("mail_type", "Choose Trigger Mail or Batch Mail.")
    reply_to = valid_reply_to(reply_to)
    try:
        with transaction.atomic():
            sender = SenderAddress.objects.create(
                address=address, mail_type=mail_type, created_at=now
            )
            _point_reply_to(sender, reply_to)
    except IntegrityError:
        raise InvalidField("address", ADDRESS_EXISTS) from None
    log.info("sender_address.created", extra={"address": address, "mail_type": mail_type})
    return sender


def change_reply_to(sender: SenderAddress, *, reply_to: str) -> None:
    """Another reply-to address, unproven; empty: none. Raises InvalidField."""
    reply_to = valid_reply_to(reply_to)
    with transaction.atomic():
        locked = _lock(sender)
        if locked.reply_to_address != reply_to:
            _point_reply_to(locked, reply_to)
    sender.refresh_from_db()
    log.info("sender_address.reply_to_changed", extra={"address": sender.address})


def request_reply_to_verification(
    sender: SenderAddress, *, now: datetime, requested_by: str = ""
) -> None:
    """Sends the reply-to's owner a link. Raises InvalidField, TooSoon, AlreadyVerified.

    `requested_by` is the operator, for the mail to say who asks.
    """
    with transaction.atomic():
        locked = _lock(sender)
        if not locked.reply_to_address:
            raise InvalidField("reply_to", "Set a reply-to address first.")
        if locked.reply_to_verification is None:
            _point_reply_to(locked, locked.reply_to_address)
        proof = cast("Verification", locked.reply_to_verification)
        verification.request_link(proof, now=now, requested_by=requested_by)
    sender.refresh_from_db()
    log.info("sender_address.verification_requested", extra={"address": sender.address})


def set_smtp_password(sender: SenderAddress, *, password: str) -> None:
    """Switches SMTP on with this password. Raises PasswordRefused."""
    if unmet := smtp_password.unmet_conditions(password):
        raise PasswordRefused(unmet)
    if any(smtp_password.matches(password, old) for old in _known_hashes(sender)):
        raise PasswordRefused(["Use another password than the previous one."])
    password_hash = smtp_password.hash_password(password)
    with transaction.atomic():
        locked = _lock(sender)
        _remember_password(locked)
        locked.smtp_password_hash = password_hash
        locked.save(update_fields=["smtp_password_hash", "previous_smtp_password_hash"])
    sender.refresh_from_db()
    log.info("sender_address.smtp_password_set", extra={"address": sender.address})


def switch_smtp_off(sender: SenderAddress) -> None:
    """No log-in and no MAIL command succeeds after this."""
    with transaction.atomic():
        locked = _lock(sender)
        _remember_password(locked)
        locked.smtp_password_hash = ""
        locked.save(update_fields=["smtp_password_hash", "previous_smtp_password_hash"])
    sender.refresh_from_db()
    log.info("sender_address.smtp_off", extra={"address": sender.address})


def suspend(sender: SenderAddress, *, now: datetime) -> None:
    """Stops sending as this address, keeping everything that is set up."""
    SenderAddress.objects.filter(pk=sender.pk, suspended_at=None).update(suspended_at=now)
    sender.refresh_from_db()
    log.info("sender_address.suspended", extra={"address": sender.address})


def resume(sender: SenderAddress) -> None:
    """Ends a suspension."""
    SenderAddress.objects.filter(pk=sender.pk).update(suspended_at=None)
    sender.refresh_from_db()
    log.info("sender_address.resumed", extra={"address": sender.address})


def delete_sender_address(sender: SenderAddress) -> None:
    """Mail that is queued goes out all the same, and the mail log keeps its history."""
    with transaction.atomic():
        locked = _lock(sender)
        if locked.reply_to_verification is not None:
            verification.withdraw(locked.reply_to_verification)
        locked.delete()
    log.info("sender_address.deleted", extra={"address": sender.address})


def record_smtp_use(used: dict[str, datetime]) -> None:
    """Notes when each address last submitted by SMTP."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORD_SMTP_USE, [list(used.keys()), list(used.values())])


def purge_unused_verifications(*, before: datetime) -> int:
    """Removes verifications that no address points to and that were last asked for before then."""
    stale = Verification.objects.filter(sender_addresses=None).exclude(requested_at__gte=before)
    return stale.delete()[0]


def _lock(sender: SenderAddress) -> SenderAddress:
    # The sender's row first, then its verification's: one order, so no deadlock.
    return SenderAddress.objects.select_for_update(of=("self",)).get(pk=sender.pk)


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


def _remember_password(sender: SenderAddress) -> None:
    if sender.smtp_password_hash:
        sender.previous_smtp_password_hash = sender.smtp_password_hash


def _known_hashes(sender: SenderAddress) -> tuple[str, str]:
    return sender.smtp_password_hash, sender.previous_smtp_password_hash


def valid_sender_address(text: str) -> str:
    """The stored form of a sender address. Raises InvalidField."""
    if not text.strip():
        raise InvalidField("address", "Enter the address, for example news@example.com.")
    try:
        address = normalize(text)
    except InvalidMailAddress as error:
        raise InvalidField("address", str(error)) from None
    name = address.rpartition("@")[0]
    if not set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-+."):
        raise InvalidField(
            "address", "Before the @ only letters a-z, digits and the signs _ - + . can be used."
        )
    if len(address) > MAX_ADDRESS_LENGTH:
        raise InvalidField(
            "address",
            f"The address has {len(address)} characters; at most {MAX_ADDRESS_LENGTH} can be used.",
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
