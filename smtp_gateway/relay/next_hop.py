"""A next hop as a value, and RELAY_URL, where the `smarthost` route leads, read into one.

`smtp://host:port` or `smtps://user:password@host:port`; user and password are percent-encoded.
`?starttls=required` or `?starttls=never` replaces the default of STARTTLS when it is offered.
"""

import re
import socket
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import SplitResult, unquote, urlsplit

_PORTS = {"smtp": 25, "smtps": 465}
# White space, control characters, and a `%` that begins no percent-encoded letter.
_MISPLACED = re.compile(r"[\s\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})")
_NO_HOST = "RELAY_URL names no host, as in smtp://mail.example.com:25."
_HOST = re.compile(r"[\w.:-]+")
# An attempt's row has 270 characters for the whole, and names come from strangers' DNS.
_SHOWN_HOST_CHARS = 200


class InvalidRelayUrl(ValueError):
    """RELAY_URL cannot be used; the text says what to write instead."""


class Security(Enum):
    """How the connection to a next hop is protected."""

    WHEN_OFFERED = "when-offered"
    REQUIRED = "required"
    NEVER = "never"
    IMPLICIT = "implicit"


_CHOICES = {
    f"starttls={security.value}": security
    for security in (Security.WHEN_OFFERED, Security.REQUIRED, Security.NEVER)
}


@dataclass(frozen=True, slots=True)
class NextHop:
    """A server that takes our mail."""

    host: str
    port: int
    security: Security = Security.WHEN_OFFERED
    user: str = ""
    password: str = field(default="", repr=False)
    verify_tls: bool = False
    ip: str = ""
    """Where `host` was found in DNS by us; empty: the system looks it up."""
    source_ipv4: str = ""
    """The address to connect from, by family; empty: the system's choice."""
    source_ipv6: str = ""

    def __str__(self) -> str:
        host = self.host[:_SHOWN_HOST_CHARS]
        if self.ip:
            host = f"[{self.ip}]" if self.ip == self.host else f"{host} [{self.ip}]"
        elif ":" in host:
            host = f"[{host}]"
        return f"{host}:{self.port}"

    def source(self, family: int) -> tuple[str, int] | None:
        """The local address for a connection of this family; None: the system's choice."""
        address = self.source_ipv6 if family == socket.AF_INET6 else self.source_ipv4
        return (address, 0) if address else None


def parse_relay_url(url: str, *, verify_tls: bool) -> NextHop:
    """The next hop that `url` names. Raises InvalidRelayUrl, whose text never quotes the URL.

    The certificate is only worth verifying where TLS cannot be stripped or credentials depend on
    it; opportunistic STARTTLS (RFC 3207) takes any.
    """
    parts = _split(url)
    host, port = _host(parts), _port(parts)
    security = _security(parts.scheme, parts.query)
    user, password = _unquoted(parts.username), _unquoted(parts.password)
    if password and not user:
        raise InvalidRelayUrl("RELAY_URL has a password and no user.")
    strict = security in (Security.REQUIRED, Security.IMPLICIT) or bool(user)
    return NextHop(
        host=host,
        port=port,
        security=security,
        user=user,
        password=password,
        verify_tls=verify_tls and strict,
    )


def _split(url: str) -> SplitResult:
    """The parts of a URL in which every special letter has its one meaning."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidRelayUrl(_NO_HOST) from None
    if parts.scheme not in _PORTS:
        raise InvalidRelayUrl("RELAY_URL must start with smtp:// or smtps://.")
    is_cut_short = "#" in url or parts.path.strip("/") or "@" in parts.query
    if is_cut_short or parts.netloc.count("@") > 1 or _MISPLACED.search(url):
        raise InvalidRelayUrl(
            "RELAY_URL has letters in the wrong place: percent-encode those of user and password, "
            "`#` as %23, `@` as %40, `/` as %2F, `?` as %3F, `%` as %25."
        )
    return parts


def _host(parts: SplitResult) -> str:
    if not parts.hostname or not _HOST.fullmatch(parts.hostname):
        raise InvalidRelayUrl(_NO_HOST)
    return parts.hostname


def _port(parts: SplitResult) -> int:
    try:
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        port = 0
    if port < 1:
        raise InvalidRelayUrl("RELAY_URL has a port that is no number from 1 to 65535.")
    return port


def _unquoted(text: str | None) -> str:
    return unquote(text or "")


def _security(scheme: str, query: str) -> Security:
    if not query:
        return Security.IMPLICIT if scheme == "smtps" else Security.WHEN_OFFERED
    choice = _CHOICES.get(query)
    if choice is None or scheme == "smtps":
        raise InvalidRelayUrl(
            "RELAY_URL can end in ?starttls=required or ?starttls=never where it starts with "
            "smtp://, and in nothing else."
        )
    return choice
