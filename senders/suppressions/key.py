"""Scope and target of a suppression as one number of 64 bits. Pure.

The upper half is of the target, the lower of the scope: all scopes of one recipient stand next to
each other in a sorted list, so one look finds them. Two pairs may share a number, which is why
a number alone refuses nobody: it only says that the row has to be asked for.
"""

from functools import lru_cache
from hashlib import blake2b

_REMEMBERED_SCOPES = 10_000
_PERSON = b"suppression"


def key_of(scope_key: int, target: str) -> int:
    """Signed, as PostgreSQL's bigint is."""
    return target_key(target) << 32 | scope_key


def target_key(target: str) -> int:
    """The upper 32 bits, signed."""
    octets = target.encode("utf-8", "surrogateescape")
    return int.from_bytes(
        blake2b(octets, digest_size=4, person=_PERSON).digest(), "big", signed=True
    )


@lru_cache(_REMEMBERED_SCOPES)
def scope_key(sender_address: str = "", mail_type: str = "") -> int:
    """The lower 32 bits; neither: of the organisation."""
    octets = f"{sender_address}\0{mail_type}".encode("utf-8", "surrogateescape")
    return int.from_bytes(blake2b(octets, digest_size=4, person=_PERSON).digest(), "big")
