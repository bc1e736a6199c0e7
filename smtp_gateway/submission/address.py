"""Mail addresses as commands carry them: paths, their parameters, and when two are the same.

RFC 5321 section 4.1.2, RFC 6531 section 3.3, IDNA by RFC 5891. No state, no library but `idna`.
"""

import ipaddress
import re
from collections.abc import Callable
from typing import NamedTuple

import idna

MAX_LOCAL_PART_BYTES = 64
MAX_DOMAIN_BYTES = 255

_PLAIN_PATH = re.compile(
    r"<(?:@[^:<>\s]+:)?([^\s<>\"(),:;@\\\[\]]+)@([^\s<>\"(),:;@\\\[\]]+)>(?:\s+(.*))?\Z"
)
_LOCAL_PART = re.compile(r'(?![.]|.*[.][.]|.*[.]\Z)[^\s<>"(),:;@\\\[\]]+\Z|"[^\x00-\x1f]*"\Z')
_DOMAIN = re.compile(r"(?!.*\.\.)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.|\Z))+\Z")
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\U0010ffff]+))?\Z")

FullParser = Callable[[str], tuple[str | None, str | None]]


class Path(NamedTuple):
    """A mailbox in a command, with the text behind it. The domain is in A-labels."""

    local_part: str
    domain: str
    parameters: str = ""

    @property
    def address(self) -> str:
        return f"{self.local_part}@{self.domain}"

    @property
    def identity(self) -> str:
        """The same for two paths to one mailbox: the domain's case does not matter."""
        return f"{self.local_part}@{self.domain.lower()}"

    @property
    def is_printable(self) -> bool:
        """No octets that are no UTF-8, no control or bidirectional characters (RFC 6532)."""
        return self.local_part.isprintable()

    @property
    def needs_smtputf8(self) -> bool:
        return not self.local_part.isascii()


def parse_path(text: str, full_parser: FullParser) -> Path | None:
    """The path at the start of `text`; None: it is none.

    `full_parser` reads what is rare: quoted local parts, comments, addresses without brackets.
    """
    if plain := _PLAIN_PATH.match(text):
        local_part, domain, parameters = plain.groups()
    else:
        address, rest = _parse_in_full(text, full_parser)
        local_part, _, domain = address.rpartition("@")
        parameters = rest
    ascii_form = ascii_domain(domain)
    if not ascii_form or not _is_local_part(local_part):
        return None
    return Path(local_part, ascii_form, parameters or "")


def _parse_in_full(text: str, full_parser: FullParser) -> tuple[str, str]:
    try:
        address, rest = full_parser(text)
    except IndexError:
        # The parser of the standard library runs off the end of some unfinished input.
        return "", ""
    is_closed = not text.startswith("<") or text.removesuffix(rest or "").rstrip().endswith(">")
    # It reads header syntax, where `a b` can be a name; without quotes a path holds none of that.
    is_literal = '"' in text or (address or "") in text
    return (address or "") if is_closed and is_literal else "", (rest or "").strip()


def _is_local_part(text: str) -> bool:
    octets = text.encode("utf-8", "surrogateescape")
    return len(octets) <= MAX_LOCAL_PART_BYTES and _LOCAL_PART.match(text) is not None


def ascii_domain(domain: str) -> str:
    """`domain` in A-labels, or the address literal as it is; empty: neither."""
    if domain.startswith("["):
        return domain if _is_address_literal(domain) else ""
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    is_valid = len(domain) <= MAX_DOMAIN_BYTES and not domain.endswith(".")
    return domain if is_valid and _DOMAIN.match(domain) else ""


def _is_address_literal(domain: str) -> bool:
    try:
        ipaddress.ip_address(domain[1:].removesuffix("]").removeprefix("IPv6:"))
    except ValueError:
        return False
    return domain.endswith("]")


def normalize(address: str) -> str:
    """The form in which sender addresses are stored and compared: lower-case, A-labels."""
    local_part, at, domain = address.strip().rpartition("@")
    return f"{local_part}{at}{ascii_domain(domain) or domain}".lower()


def parse_parameters(text: str) -> dict[str, str | None] | None:
    """Keyword in upper case to value of `SIZE=1000 SMTPUTF8`; None: malformed or one twice."""
    parameters: dict[str, str | None] = {}
    for word in text.split():
        match = _PARAMETER.match(word)
        if match is None or match[1].upper() in parameters:
            return None
        parameters[match[1].upper()] = match[2]
    return parameters
