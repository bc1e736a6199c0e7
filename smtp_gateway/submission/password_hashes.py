"""Which of several argon2id hashes a password has. Pure, and slow by intent.

Hashes with one salt and one set of parameters need one computation (RFC 9106) between them: so a
wrong password costs the same however many passwords an address has, and however many it had.
"""

from base64 import b64decode
from collections.abc import Sequence
from hmac import compare_digest

from argon2 import extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import hash_secret

Group = Sequence[str]
"""Hashes, in PHC string format, that one computation decides on."""


def groups(living: Sequence[str], ended: Sequence[str], decoy: str) -> list[Group]:
    """What is to be computed for a log-in, as few as can be, in the order of `living`.

    Ended ones are only looked at where that costs nothing. Where nothing is, the `decoy` is.
    """
    prefixes = dict.fromkeys(map(_prefix, living or ended[:1] or [decoy]))
    return [
        [each for each in (*living, *ended, decoy) if _prefix(each) == prefix]
        for prefix in prefixes
    ]


def matching(password: str, groups: Sequence[Group]) -> str:
    """The hash of `password`; empty: none of them is."""
    for group in groups:
        computed = _computed(password, group[0])
        for each in group:
            if computed and compare_digest(computed, each.encode()):
                return each
    return ""


def _prefix(password_hash: str) -> str:
    """Parameters and salt."""
    return password_hash.rpartition("$")[0]


def _computed(password: str, like: str) -> bytes:
    """The hash with the parameters and the salt of `like`; empty where that is no hash."""
    try:
        parameters = extract_parameters(like)
        salt = like.split("$")[-2]
        return hash_secret(
            password.encode("utf-8", "surrogateescape"),
            b64decode(salt + "=" * (-len(salt) % 4)),
            parameters.time_cost,
            parameters.memory_cost,
            parameters.parallelism,
            parameters.hash_len,
            parameters.type,
            parameters.version,
        )
    except (InvalidHashError, Argon2Error, ValueError):
        return b""
