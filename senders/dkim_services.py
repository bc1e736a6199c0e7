"""What an operator does to DKIM keys; pages and commands both come through here."""

import logging
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from senders.audit.recording import Values, record
from senders.audited import target_of_key
from senders.dkim_key import MAX_DOMAIN_LENGTH, Algorithm, DkimKey, KeyState
from senders.errors import InvalidField
from senders.sealing import NoKeyFits, reseal, seal, unseal
from verification.mail_address import InvalidMailAddress, normalize

# RFC 8301 section 3.2: 2048 bits; longer records need TCP and are cut off by some DNS hosts.
_RSA_BITS = 2048
_LETTERS = {Algorithm.RSA: "r", Algorithm.ED25519: "e"}

log = logging.getLogger(__name__)


class KeyDeleted(ValueError):
    """The key was deleted meanwhile."""


def valid_domain(text: str) -> str:
    """The stored form of a domain, or of a mail address's domain. Raises InvalidField."""
    domain = text.strip().rpartition("@")[2]
    if not domain:
        raise InvalidField("domain", _("Enter the domain, for example example.com."))
    try:
        domain = normalize(f"x@{domain}").rpartition("@")[2]
    except InvalidMailAddress:
        raise InvalidField(
            "domain",
            _("This is no domain. Write it like example.com, without https:// and paths."),
        ) from None
    # The longest name that a record of it has in DNS.
    if len(f"{'x' * 16}._domainkey.{domain}") > MAX_DOMAIN_LENGTH:
        raise InvalidField("domain", _("The domain is too long for a DKIM record in DNS."))
    return domain


def generate_dkim_keys(domain: str, *, now: datetime) -> list[DkimKey]:
    """One RSA and one Ed25519 key, neither active. Raises InvalidField."""
    domain = valid_domain(domain)
    pairs = [(Algorithm.RSA, *_rsa_pair()), (Algorithm.ED25519, *_ed25519_pair())]
    for base in _selectors(now):
        try:
            with transaction.atomic():
                keys = [
                    DkimKey.objects.create(
                        domain=domain,
                        selector=f"{base}{_LETTERS[algorithm]}",
                        algorithm=algorithm,
                        sealed_private_key=sealed,
                        public_key=public,
                        created_at=now,
                    )
                    for algorithm, sealed, public in pairs
                ]
                for key in keys:
                    _record("generated", key, {}, {"algorithm": key.algorithm})
        except IntegrityError:
            continue  # the selector is taken
        log.info("dkim_key.generated", extra={"domain": domain, "selector": base})
        return keys
    raise InvalidField("domain", _("This domain got too many keys this month. Use one of them."))


def activate(key: DkimKey, *, now: datetime) -> None:
    """From now on this key signs; the one of its algorithm that did so is retired with it.

    In one transaction, so that no mail in between goes without. Raises KeyDeleted, and NoKeyFits
    for a key that could not sign.
    """
    with transaction.atomic():
        # All of the domain, in one order: two activations at once would both find no other.
        keys = DkimKey.objects.present().of_domains([key.domain]).order_by("pk").select_for_update()
        locked = next((each for each in keys if each.pk == key.pk), None)
        if locked is None:
            raise KeyDeleted(_("This key was deleted meanwhile."))
        unseal(locked.sealed_private_key)
        if locked.state is not KeyState.ACTIVE:
            others = DkimKey.objects.active().of_domains([key.domain])
            for other in others.filter(algorithm=key.algorithm):
                _retire(other, now)
            DkimKey.objects.filter(pk=key.pk).update(activated_at=now, retired_at=None)
            _record("activated", key, {"state": locked.state}, {"state": KeyState.ACTIVE})
    key.refresh_from_db()
    log.info("dkim_key.activated", extra=_facts(key))


def retire(key: DkimKey, *, now: datetime) -> None:
    """It signs no more; what is under way can be verified while its record stays in DNS."""
    with transaction.atomic():
        _retire(key, now)
    key.refresh_from_db()
    log.info("dkim_key.retired", extra=_facts(key))


def delete(key: DkimKey, *, now: datetime) -> None:
    """Forgets the private key for good."""
    with transaction.atomic():
        locked = DkimKey.objects.select_for_update().get(pk=key.pk)
        if locked.deleted_at is None:
            _record("deleted", locked, {"state": locked.state}, {})
        if locked.state is KeyState.ACTIVE:
            locked.retired_at = now
        locked.sealed_private_key, locked.deleted_at = "", locked.deleted_at or now
        locked.save(update_fields=["sealed_private_key", "retired_at", "deleted_at"])
    log.info("dkim_key.deleted", extra=_facts(key))


def reseal_dkim_keys() -> int:
    """Seals under the present SECRET_KEY what a former one sealed; how many there were."""
    resealed = 0
    for key in DkimKey.objects.present():
        try:
            sealed = reseal(key.sealed_private_key)
        except NoKeyFits:
            log.error("dkim_key.cannot_be_opened", extra=_facts(key))  # noqa: TRY400 - said it all
            continue
        # Only as it was read: it may have been deleted meanwhile.
        same = DkimKey.objects.filter(pk=key.pk, sealed_private_key=key.sealed_private_key)
        resealed += (
            same.update(sealed_private_key=sealed) if sealed != key.sealed_private_key else 0
        )
    return resealed


def can_sign(key: DkimKey) -> bool:
    """Whether the private key can be opened with SECRET_KEY or a fallback."""
    try:
        unseal(key.sealed_private_key)
    except NoKeyFits:
        return False
    return True


def _retire(key: DkimKey, now: datetime) -> None:
    if DkimKey.objects.active().filter(pk=key.pk).update(retired_at=now):
        _record("retired", key, {"state": KeyState.ACTIVE}, {"state": KeyState.RETIRED})


def _record(what: str, key: DkimKey, before: Values, after: Values) -> None:
    record(action=f"dkim_key.{what}", on=target_of_key(key), before=before, after=after)


def _facts(key: DkimKey) -> dict[str, str]:
    return {"domain": key.domain, "selector": key.selector}


def _selectors(now: datetime) -> Iterator[str]:
    """`dm202611`, then `dm202611-2`, `dm202611-3` and so on."""
    month = f"dm{now:%Y%m}"
    yield month
    for number in range(2, 1000):
        yield f"{month}-{number}"


def _rsa_pair() -> tuple[str, str]:
    key = generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return _sealed(key), b64encode(public).decode()


def _ed25519_pair() -> tuple[str, str]:
    key = Ed25519PrivateKey.generate()
    # RFC 8463 section 4: the bare 32 octets.
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return _sealed(key), b64encode(public).decode()


def _sealed(key: RSAPrivateKey | Ed25519PrivateKey) -> str:
    return seal(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
