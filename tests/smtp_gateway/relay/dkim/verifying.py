"""Keys with the records that publish them, and dkimpy as the receiver."""

import base64
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from dkim import DKIM, ValidationError

from smtp_gateway.relay.dkim import PrivateKey, load_key, signature_fields

DOMAIN = "example.com"
SIGNED_AT = 1_764_127_832


@dataclass(frozen=True)
class Published:
    """A key that signs, and the value of the TXT record that a verifier finds."""

    key: PrivateKey
    record: str


def der_of(key: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@functools.cache
def rsa(selector: str = "dm202611r", bits: int = 2048) -> Published:
    """One key for the whole run: what a test is about never depends on which."""
    private = generate_private_key(65537, bits)
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = load_key(selector=selector, algorithm="rsa-sha256", der=der_of(private))
    return Published(key, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}")


@functools.cache
def ed25519(selector: str = "dm202611e") -> Published:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = load_key(selector=selector, algorithm="ed25519-sha256", der=der_of(private))
    return Published(key, f"v=DKIM1; k=ed25519; p={base64.b64encode(public).decode()}")


def both() -> list[Published]:
    return [rsa(), ed25519()]


def sign(content: bytes, keys: Sequence[Published] = (), domain: str = DOMAIN) -> bytes:
    """The signature fields alone, by default of an RSA and an Ed25519 key."""
    used = [each.key for each in keys or both()]
    return signature_fields(content, domain=domain, keys=used, signed_at=SIGNED_AT)


def records(keys: Sequence[Published] = (), domain: str = DOMAIN) -> dict[str, str]:
    """DNS, as names and TXT values."""
    return {f"{each.key.selector}._domainkey.{domain}": each.record for each in keys or both()}


def verdicts(signed: bytes, dns: Mapping[str, str] | None = None) -> list[bool]:
    """What dkimpy says of each signature of a mail, the topmost first."""
    found = dns if dns is not None else records()
    count = sum(name.lower() == b"dkim-signature" for name, _ in DKIM(signed).headers)
    return [_verdict(signed, at, found) for at in range(count)]


def _verdict(signed: bytes, at: int, dns: Mapping[str, str]) -> bool:
    def txt(name: bytes, timeout: float = 5) -> bytes:
        return dns.get(name.decode().rstrip("."), "").encode()

    try:
        return bool(DKIM(signed).verify(at, dnsfunc=txt))
    except ValidationError:
        return False
