"""What may be told of an AUTH exchange: mechanism, lengths, and the user name where it is one.

Pure. No byte of a password is kept: each line becomes its length as soon as it is there.
"""

import binascii
import re

from smtp_gateway.submission.address import normalize

# Only what looks like a sender address all through is taken for a user name: a password that was
# typed into the wrong field has digits behind its last dot, or no dot, or no @.
_ADDRESS = re.compile(r"[a-z0-9_.+-]{1,64}@(?:[a-z0-9_-]{1,63}\.){1,8}[a-z][a-z-]{1,62}\Z")
_PUNYCODE_END = re.compile(r"\.xn--[a-z0-9-]{1,59}\Z")
_MAX_ADDRESS = 192
_MECHANISMS = frozenset(
    b"PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM GSSAPI XOAUTH2 OAUTHBEARER EXTERNAL ANONYMOUS".split()
)


class AuthTrace:
    """The exchanges of one session, told as the lines come."""

    __slots__ = ("_mechanism", "_responses", "has_odd_user_name", "is_doubtful", "user_name")

    def __init__(self) -> None:
        self._mechanism = b""
        self._responses = 0
        self.user_name = ""
        """The newest that is a mail address, in normal form."""
        self.is_doubtful = False
        """Whether the password may be a part of it: it is to be kept only where it is known."""
        self.has_odd_user_name = False
        """Whether the newest that was sent is no mail address."""

    def began(self, line: bytes) -> str:
        """The words for a line that begins with AUTH."""
        words = line.split(None, 2)
        mechanism = words[1].upper() if len(words) > 1 else b""
        if mechanism not in _MECHANISMS:
            self._mechanism, rest = b"", len(line.strip()) - len(b"AUTH")
            return f"AUTH {in_bytes(rest)}" if rest > 0 else "AUTH"
        self._mechanism, self._responses = mechanism, 0
        if len(words) == 2:
            return f"AUTH {mechanism.decode()}"
        self._look_at(words[2])
        return f"AUTH {mechanism.decode()} {in_bytes(len(words[2]))}"

    def went_on(self, line: bytes) -> str:
        """The words for a line that answers a 334."""
        if line.strip() == b"*":
            return "*"
        self._look_at(line.strip())
        return in_bytes(len(line))

    def _look_at(self, response: bytes) -> None:
        self._responses += 1
        text = _decoded(response)
        if self._mechanism == b"LOGIN" and self._responses == 1:
            self._take(text, "")
        elif self._mechanism == b"LOGIN":
            self.is_doubtful = self.is_doubtful or text.lower() in self.user_name
        elif self._mechanism == b"PLAIN" and text.count("\0") == 2:
            _, user_name, password = text.split("\0")
            self._take(user_name, password)

    def _take(self, user_name: str, password: str) -> None:
        address = normalize(user_name) if user_name.isprintable() else ""
        self.has_odd_user_name = not is_address(address)
        if not self.has_odd_user_name:
            self.user_name = address
            self.is_doubtful = bool(password) and password.lower() in address


def in_bytes(count: int, of_what: str = "") -> str:
    """A length in the place of what must not be shown."""
    unit = "byte" if count == 1 else "bytes"
    return f"[{count:,} {unit}{' ' if of_what else ''}{of_what}]"


def is_address(text: str) -> bool:
    """Whether a user name can be shown: what is no address may be a password in the wrong field."""
    if len(text) > _MAX_ADDRESS:
        return False
    return bool(_ADDRESS.match(_PUNYCODE_END.sub(".idn", text)))


def loggable(user_name: str) -> str:
    """`user_name` for a log, or only its length where it may be a password."""
    is_shown = is_address(normalize(user_name))
    return user_name if is_shown else f"[{len(user_name)} characters that are no address]"


def _decoded(response: bytes) -> str:
    try:
        return binascii.a2b_base64(response, strict_mode=True).decode()
    except ValueError:
        return ""
