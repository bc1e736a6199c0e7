"""Private keys that sign: RSA (RFC 6376 section 3.3, RFC 8301) and Ed25519 (RFC 8463)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

RSA_SHA256, ED25519_SHA256 = "rsa-sha256", "ed25519-sha256"
# RFC 8301 section 3.2: verifiers ignore what is signed with less.
_SHORTEST_RSA_BITS = 1024


class UnusableKey(ValueError):
    """The private key cannot sign; the text says why and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A parsed key, with what a signature says of it."""

    selector: str
    algorithm: str
    sign: Callable[[bytes], bytes] = field(repr=False)
    """The signature of these bytes; releases the GIL. Safe to call from several threads."""


def load_key(*, selector: str, algorithm: str, der: bytes) -> PrivateKey:
    """From PKCS #8 in DER. Raises UnusableKey."""
    try:
        key = load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKey("it is no private key in PKCS #8") from None
    if algorithm == RSA_SHA256 and isinstance(key, RSAPrivateKey):
        return PrivateKey(selector, algorithm, _rsa_signer(key))
    if algorithm == ED25519_SHA256 and isinstance(key, Ed25519PrivateKey):
        return PrivateKey(selector, algorithm, _ed25519_signer(key))
    raise UnusableKey(f"it is no key for {algorithm}")


def _rsa_signer(key: RSAPrivateKey) -> Callable[[bytes], bytes]:
    if key.key_size < _SHORTEST_RSA_BITS:
        raise UnusableKey(f"RSA with {key.key_size} bits is not accepted anywhere")
    padding, digest = PKCS1v15(), SHA256()
    return lambda data: key.sign(data, padding, digest)


def _ed25519_signer(key: Ed25519PrivateKey) -> Callable[[bytes], bytes]:
    # RFC 8463 section 3: what is signed is the SHA-256 of the data.
    return lambda data: key.sign(hashlib.sha256(data).digest())
