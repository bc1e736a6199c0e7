"""Encryption at rest of secrets that have to be read again, such as private keys.

Knows nothing of what it seals. The keys are derived from SECRET_KEY and SECRET_KEY_FALLBACKS: the
first seals, each unseals, so SECRET_KEY can be changed while the former one is a fallback.
"""

import functools
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

# What is sealed is bound to this purpose: no other use of SECRET_KEY derives the same key.
_PURPOSE = b"directmail.senders.sealing"


class NoKeyFits(ValueError):
    """Sealed under a SECRET_KEY that is gone, or altered since. The message quotes nothing."""


def seal(plain: bytes) -> str:
    """`plain`, encrypted and authenticated: ASCII, about 4/3 as long and 100 characters more."""
    return _keys().encrypt(plain).decode("ascii")


def unseal(sealed: str) -> bytes:
    """What was sealed. Raises NoKeyFits."""
    try:
        return _keys().decrypt(sealed.encode())
    except InvalidToken:
        raise NoKeyFits(
            _("Neither SECRET_KEY nor SECRET_KEY_FALLBACKS opens this secret.")
        ) from None


def reseal(sealed: str) -> str:
    """The same secret under the present SECRET_KEY alone; unchanged where it is so already.

    What is resealed no longer needs a former key. Raises NoKeyFits.
    """
    try:
        _derived((settings.SECRET_KEY,)).decrypt(sealed.encode())
    except InvalidToken:
        return seal(unseal(sealed))
    return sealed


def _keys() -> MultiFernet:
    return _derived((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@functools.lru_cache(maxsize=4)
def _derived(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    """A Fernet key by HKDF (RFC 5869); no salt, since SECRET_KEY is random already."""
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return urlsafe_b64encode(derivation.derive(secret.encode()))
