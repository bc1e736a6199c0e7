"""The token of an opt-out link: whose mail, and to whom, signed. Pure.

It names both addresses instead of a row, so that a link works for as long as somebody keeps the
mail, whatever has been forgotten here meanwhile. It never expires: to get no more mail must always
be possible.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

_VERSION = b"\x01"
_MAC_BYTES = 12
# Of addresses: 192 octets of ours, 320 of the recipient's, with room for UTF-8.
_LONGEST = 2000
_PURPOSE = b"directmail.opting_out.token"


class BadToken(ValueError):
    """It was altered or cut off, or signed with a key that no longer counts."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """What a token stands for."""

    sender_address: str
    recipient: str
    """As in the envelope of the mail."""


def key_from(secret: str) -> bytes:
    """The signing key that a SECRET_KEY stands for; no other use of it makes the same."""
    return hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)


def make_token(opt_out: OptOut, key: bytes) -> str:
    """Letters, digits, - and _: 22 characters and four thirds of both addresses."""
    named = f"{opt_out.sender_address}\0{opt_out.recipient}".encode("utf-8", "surrogateescape")
    return urlsafe_b64encode(_VERSION + _mac(named, key) + named).rstrip(b"=").decode("ascii")


def read_token(text: str, keys: Sequence[bytes]) -> OptOut:
    """Whoever of `keys` signed it. Raises BadToken."""
    raw = _decoded(text)
    version, mac, named = raw[:1], raw[1 : 1 + _MAC_BYTES], raw[1 + _MAC_BYTES :]
    if version != _VERSION or not any(hmac.compare_digest(mac, _mac(named, key)) for key in keys):
        raise BadToken
    sender_address, _, recipient = named.decode("utf-8", "surrogateescape").partition("\0")
    return OptOut(sender_address, recipient)


def _mac(named: bytes, key: bytes) -> bytes:
    """96 bits (RFC 2104 section 5), over the version too."""
    return hmac.digest(key, _VERSION + named, hashlib.sha256)[:_MAC_BYTES]


def _decoded(text: str) -> bytes:
    if len(text) > _LONGEST or not text.isascii():
        raise BadToken
    encoded = text.encode("ascii")
    try:
        raw = urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
    except binascii.Error:
        raise BadToken from None
    # The decoder passes over what is no base64, and over bits behind the last octet.
    if urlsafe_b64encode(raw).rstrip(b"=") != encoded:
        raise BadToken
    return raw
