"""The SMTP password: its rule, how one is generated, and its argon2id hash.

The rule is the original product's: 10-20 characters, letters and digits, at least two digits, two
upper-case and two lower-case letters, not one character repeated, not the previous password.
"""

import base64
import re
import secrets
import string

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from django.conf import settings
from django.utils.translation import gettext_lazy

MIN_LENGTH, MAX_LENGTH = 10, 20

_CONDITIONS = (
    (
        gettext_lazy("Use %(least)d to %(most)d characters."),
        rf"(?s).{{{MIN_LENGTH},{MAX_LENGTH}}}\Z",
    ),
    (gettext_lazy("Use only the letters a-z and A-Z and digits."), r"[A-Za-z0-9]*\Z"),
    (gettext_lazy("Use at least 2 digits."), r"(?:[^0-9]*[0-9]){2}"),
    (gettext_lazy("Use at least 2 upper-case letters."), r"(?:[^A-Z]*[A-Z]){2}"),
    (gettext_lazy("Use at least 2 lower-case letters."), r"(?:[^a-z]*[a-z]){2}"),
    (gettext_lazy("Use more than one character."), r"(?s)(?!(.)\1*\Z)"),
)


def unmet_conditions(password: str) -> list[str]:
    """The parts of the rule that `password` breaks, a sentence each; empty: it is allowed."""
    limits = {"least": MIN_LENGTH, "most": MAX_LENGTH}
    unmet = [words for words, pattern in _CONDITIONS if not re.match(pattern, password)]
    return [str(words) % limits for words in unmet]


def generate() -> str:
    """A random password of full length that meets the rule: about 119 bits."""
    alphabet = string.ascii_letters + string.digits
    while True:
        password = "".join(secrets.choice(alphabet) for _ in range(MAX_LENGTH))
        if not unmet_conditions(password):
            return password


def hash_password(password: str, *, like: str = "") -> str:
    """The argon2id hash in PHC string format; with the salt of the hash `like`, where given."""
    return _hasher().hash(password, salt=_salt_of(like) if like else None)


def matches(password: str, password_hash: str) -> bool:
    """Whether `password_hash` is of `password`; an empty hash matches nothing."""
    try:
        return bool(password_hash) and _hasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _salt_of(password_hash: str) -> bytes | None:
    try:
        salt = password_hash.split("$")[4]
        return base64.b64decode(salt + "=" * (-len(salt) % 4), validate=True)
    except (IndexError, ValueError):
        return None


def _hasher() -> PasswordHasher:
    return PasswordHasher(
        time_cost=settings.ARGON2_TIME_COST,
        memory_cost=settings.ARGON2_MEMORY_KIB,
        parallelism=1,
        type=Type.ID,
    )
