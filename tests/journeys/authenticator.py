"""What an authenticator app shows (RFC 6238)."""

import base64
import hashlib
import hmac
import struct
import time

_STEP_SECONDS = 30


def code_of(secret: str) -> str:
    """Now, of the key in base 32."""
    counter = struct.pack(">Q", int(time.time()) // _STEP_SECONDS)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
