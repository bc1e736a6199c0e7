"""What an operator does to the SMTP credentials of a sender address.

Each verb locks the sender's row, so that what it read still holds when it writes.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senders import smtp_password
from senders.audit.acting import Actor, who_acts
from senders.audit.recording import record
from senders.audit.requests import actor_behind
from senders.audited import target_of
from senders.errors import InvalidField, PasswordRefused
from senders.models import SenderAddress, SmtpCredential
from senders.smtp_credential import MAIN_SLOT, MAX_LIVING, MAX_NAME_LENGTH

MAIN_NAME = gettext_lazy("SMTP password")
_LONGEST_LIFE = timedelta(days=3653)
"""In the language of whoever sets it; kept as any other name."""
_ENDED_THAT_COUNT = 10
"""Of an address, the last so many ended passwords may not come again."""

Facts = dict[str, object]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What is wanted of a credential. `expires_at`: None: never."""

    name: str
    password: str
    expires_at: datetime | None = None


def set_smtp_password(
    sender: SenderAddress, *, password: str, now: datetime | None = None
) -> SmtpCredential:
    """Switches SMTP on with this password; the one it replaces stops working at once.

    Other credentials of the address stay as they are. Raises PasswordRefused.
    """
    now = now or timezone.now()
    _refuse_if_not_allowed(password)
    with transaction.atomic():
        locked = SenderAddress.objects.locked(sender)
        _close_expired(locked, now)
        password_hash = _hash_of_new(locked, password)
        before = locked.credentials.filter(slot=MAIN_SLOT).first()
        if before is not None:
            _end(before, now)
        wanted = NewCredential(before.name if before else str(MAIN_NAME), password)
        made = _make(locked, wanted, password_hash, slot=MAIN_SLOT, now=now)
        _record("set", locked, _facts(before) if before else {}, _facts(made))
    sender.refresh_from_db()
    return made


def add_credential(
    sender: SenderAddress, wanted: NewCredential, *, now: datetime
) -> SmtpCredential:
    """One more password; the first of an address is its SMTP password.

    Raises PasswordRefused, InvalidField.
    """
    name = valid_name(wanted.name)
    _refuse_if_not_allowed(wanted.password)
    _refuse_if_useless(wanted.expires_at, now)
    with transaction.atomic():
        locked = SenderAddress.objects.locked(sender)
        _close_expired(locked, now)
        _refuse_if_taken(locked, name)
        slot = _free_slot(locked, allows_main=not locked.credentials.living(now).exists())
        password_hash = _hash_of_new(locked, wanted.password)
        made = _make(locked, wanted, password_hash, slot=slot, now=now)
        _record("added", locked, {}, _facts(made))
    return made


def rotate_credential(
    credential: SmtpCredential, wanted: NewCredential, *, grace: timedelta | None, now: datetime
) -> SmtpCredential:
    """A new password in the place of `credential`, which works on for `grace`; None: for good.

    Never later than it would have expired anyway. Raises PasswordRefused, InvalidField.
    """
    name = valid_name(wanted.name)
    _refuse_if_not_allowed(wanted.password)
    _refuse_if_useless(wanted.expires_at, now)
    with transaction.atomic():
        locked = SenderAddress.objects.locked(credential.sender)
        _close_expired(locked, now)
        old = _still_living(locked, credential)
        before = _facts(old)
        slot = _make_room(locked, old, grace, now)
        _refuse_if_taken(locked, name)
        password_hash = _hash_of_new(locked, wanted.password)
        made = _make(locked, wanted, password_hash, slot=slot, now=now)
        ends = {"old_one_ends_at": old.ended_at or old.expires_at}
        _record("rotated", locked, before, _facts(made) | ends)
    return made


def revoke_credential(credential: SmtpCredential, *, now: datetime) -> None:
    """Its password lets nobody in any more, and open sessions may submit nothing more."""
    with transaction.atomic():
        locked = SenderAddress.objects.locked(credential.sender)
        _close_expired(locked, now)
        current = locked.credentials.filter(pk=credential.pk, ended_at=None).first()
        if current is not None:
            _end(current, now)
            _record("revoked", locked, _facts(current), {})
    credential.refresh_from_db()


def rename_credential(credential: SmtpCredential, *, name: str) -> None:
    """Raises InvalidField."""
    name = valid_name(name)
    with transaction.atomic():
        locked = SenderAddress.objects.locked(credential.sender)
        _refuse_if_taken(locked, name, but_by=credential.pk)
        locked.credentials.filter(pk=credential.pk).update(name=name)
        _record("renamed", locked, {"name": credential.name}, {"name": name})
    credential.refresh_from_db()


def switch_smtp_off(sender: SenderAddress, *, now: datetime | None = None) -> None:
    """Revokes all: no log-in and no MAIL command succeeds after this."""
    now = now or timezone.now()
    with transaction.atomic():
        locked = SenderAddress.objects.locked(sender)
        _close_expired(locked, now)
        living = list(locked.credentials.living(now))
        for credential in living:
            _end(credential, now)
        if living:
            _record("all_revoked", locked, {"names": [each.name for each in living]}, {})
    sender.refresh_from_db()


def forget_ended_credentials(*, before: datetime) -> int:
    """Removes those that ended before then, but the last of each address, which may not come again.

    Those that expired give back slot and name first.
    """
    SmtpCredential.objects.run_out(before).update(ended_at=F("expires_at"), slot=None)
    ended = SmtpCredential.objects.ended()
    last = ended.order_by("sender_id", "-ended_at", "-id").distinct("sender_id").values("pk")
    return int(ended.filter(ended_at__lt=before).exclude(pk__in=last).delete()[0])


def valid_name(text: str) -> str:
    """The stored form of a credential's name. Raises InvalidField."""
    name = " ".join(text.split())
    if not name:
        raise InvalidField("name", _("Enter a name, for example the application that uses it."))
    if len(name) > MAX_NAME_LENGTH:
        most = {"count": MAX_NAME_LENGTH}
        raise InvalidField("name", _("Use at most %(count)d characters.") % most)
    if not name.isprintable():
        raise InvalidField("name", _("Use letters, digits and signs only."))
    return name


def free_name(sender: SenderAddress, wanted: str) -> str:
    """`wanted`, or with a number behind it where a living credential has that name."""
    living = sender.credentials.filter(ended_at=None).values_list("name", flat=True)
    taken = {name.lower() for name in living}
    stem = re.sub(r" \(\d+\)\Z", "", wanted)[: MAX_NAME_LENGTH - 5].rstrip()
    numbered = (f"{stem} ({number})" for number in range(2, MAX_LIVING + 3))
    return next(name for name in (wanted, *numbered) if name.lower() not in taken)


def _refuse_if_not_allowed(password: str) -> None:
    if unmet := smtp_password.unmet_conditions(password):
        raise PasswordRefused(unmet)


def _refuse_if_useless(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise InvalidField("expires_at", _("Choose a time that is still to come."))
    # Beyond the end of the calendar no zone can say it, and the page would fail.
    if expires_at is not None and expires_at > now + _LONGEST_LIFE:
        raise InvalidField("expires_at", _("Choose a time within ten years, or none at all."))


def _refuse_if_taken(sender: SenderAddress, name: str, *, but_by: int = 0) -> None:
    same = sender.credentials.filter(name__iexact=name, ended_at=None)
    if same.exclude(pk=but_by).exists():
        raise InvalidField("name", _("Another password of this address has that name."))


def _hash_of_new(sender: SenderAddress, password: str) -> str:
    """Raises PasswordRefused where the address has or had that password."""
    known = [
        *sender.credentials.filter(ended_at=None).values_list("password_hash", flat=True),
        *sender.credentials.ended().values_list("password_hash", flat=True)[:_ENDED_THAT_COUNT],
    ]
    if any(smtp_password.matches(password, each) for each in known):
        raise PasswordRefused([_("Use another password than the previous one.")])
    return smtp_password.hash_password(password, like=known[0] if known else "")


def _still_living(sender: SenderAddress, credential: SmtpCredential) -> SmtpCredential:
    living: SmtpCredential | None = sender.credentials.filter(
        pk=credential.pk, ended_at=None
    ).first()
    if living is None:
        raise InvalidField("", _("This password has ended meanwhile. Add a new one instead."))
    return living


def _make_room(
    sender: SenderAddress, old: SmtpCredential, grace: timedelta | None, now: datetime
) -> int:
    """The slot of the new one: that of `old`, which moves or ends."""
    slot = old.slot or MAIN_SLOT
    if grace is not None and grace <= timedelta(0):
        _end(old, now)
        return slot
    if grace is not None:
        old.expires_at = min(now + grace, old.expires_at or now + grace)
    old.slot = _free_slot(sender)
    old.save(update_fields=["slot", "expires_at"])
    return slot


def _free_slot(sender: SenderAddress, *, allows_main: bool = False) -> int:
    taken = set(sender.credentials.filter(ended_at=None).values_list("slot", flat=True))
    first = MAIN_SLOT if allows_main else MAIN_SLOT + 1
    free = next((slot for slot in range(first, MAX_LIVING + 1) if slot not in taken), None)
    if free is None:
        raise InvalidField("", _("This address has as many passwords as it can. Revoke one first."))
    return free


def _make(
    sender: SenderAddress, wanted: NewCredential, password_hash: str, *, slot: int, now: datetime
) -> SmtpCredential:
    made: SmtpCredential = sender.credentials.create(
        name=free_name(sender, valid_name(wanted.name)),
        slot=slot,
        password_hash=password_hash,
        created_at=now,
        created_by=_maker(),
        expires_at=wanted.expires_at,
    )
    return made


def _maker() -> str:
    who = who_acts()
    return who.name if isinstance(who, Actor) else actor_behind(who).name


def _end(credential: SmtpCredential, now: datetime) -> None:
    credential.slot, credential.ended_at = None, now
    credential.save(update_fields=["slot", "ended_at"])


def _close_expired(sender: SenderAddress, now: datetime) -> None:
    sender.credentials.run_out(now).update(ended_at=F("expires_at"), slot=None)


def _facts(credential: SmtpCredential) -> Facts:
    """What the audit log tells of it."""
    return {
        "name": credential.name,
        "expires_at": credential.expires_at,
        "ended_at": credential.ended_at,
    }


def _record(what: str, sender: SenderAddress, before: Facts, after: Facts) -> None:
    action = f"sender_address.credential_{what}"
    record(action=action, on=target_of(sender), before=before, after=after)
    log.info("smtp_credential.changed", extra={"address": sender.address, "change": what})
