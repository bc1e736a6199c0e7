"""DKIM signatures (RFC 6376, 8301, 8463): rsa-sha256 and ed25519-sha256, relaxed/relaxed.

Pure: bytes in, bytes out. Knows no database, no queue, and not where keys come from.
"""

from smtp_gateway.relay.dkim.keys import PrivateKey, UnusableKey, load_key
from smtp_gateway.relay.dkim.signature import fields_over, hashed, signature_fields

__all__ = [
    "PrivateKey",
    "UnusableKey",
    "fields_over",
    "hashed",
    "load_key",
    "signature_fields",
]
