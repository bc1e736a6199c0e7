"""Tokens of return paths: which delivery, until which day, and a proof that we wrote it. Pure.

A token is 29 letters and digits of base32, so that no server that changes their case breaks it:
48 bits of delivery id, 16 bits of day, 80 bits of HMAC-SHA256. Who cannot forge a MAC cannot
invent a bounce; who got a mail can bounce that one mail.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAYS_VALID = 30
TOKEN_CHARS = 29

_PURPOSE = b"directmail return path v1"
_FIRST_DAY = date(2020, 1, 1)
_ID_BYTES, _DAY_BYTES, _MAC_BYTES = 6, 2, 10
_PADDING = "==="


@dataclass(frozen=True, slots=True)
class OpenedToken:
    """What a token says that is ours."""

    delivery_id: int
    last_day: date
    """On which it still counts."""

    def is_expired(self, today: date) -> bool:
        """Whether its time is over."""
        return today > self.last_day


def derive_keys(secrets: Sequence[str]) -> tuple[bytes, ...]:
    """The keys of SECRET_KEY, which comes first, and of its fallbacks."""
    return tuple(hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256) for secret in secrets)


def make_token(delivery_id: int, *, today: date, key: bytes) -> str:
    """Counts up to the end of the thirtieth day from `today`, by UTC."""
    last_day = (today - _FIRST_DAY + timedelta(days=DAYS_VALID)).days
    said = delivery_id.to_bytes(_ID_BYTES) + last_day.to_bytes(_DAY_BYTES)
    return base64.b32encode(said + _mac(said, key)).decode().rstrip("=").lower()


def open_token(text: str, keys: Sequence[bytes]) -> OpenedToken | None:
    """What `text` says, in any case of its letters, expired or not; None: it is not ours."""
    if len(text) != TOKEN_CHARS or not text.isascii():
        return None
    try:
        raw = base64.b32decode(text.upper() + _PADDING)
    except (binascii.Error, ValueError):
        return None
    said, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    # The last letter has bits that stand for nothing: only one way to write a token is ours.
    is_canonical = base64.b32encode(raw).decode().rstrip("=") == text.upper()
    if not is_canonical or not any(hmac.compare_digest(mac, _mac(said, key)) for key in keys):
        return None
    last_day = _FIRST_DAY + timedelta(days=int.from_bytes(said[_ID_BYTES:]))
    return OpenedToken(int.from_bytes(said[:_ID_BYTES]), last_day)


def _mac(said: bytes, key: bytes) -> bytes:
    return hmac.digest(key, said, hashlib.sha256)[:_MAC_BYTES]
