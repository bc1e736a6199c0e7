"""Where the `smarthost` route leads: RELAY_URL, read into a value.

`smtp://host:port` or `smtps://user:password@host:port`; user and password are percent-encoded.
`?starttls=required` or `?starttls=never` replaces the default of STARTTLS when it is offered.
"""

from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qs, unquote, urlsplit

_PORTS = {"smtp": 25, "smtps": 465}


class InvalidRelayUrl(ValueError):
    """RELAY_URL cannot be used; the text says what to write instead."""


class Security(Enum):
    """How the connection to a next hop is protected."""

    WHEN_OFFERED = "when-offered"
    REQUIRED = "required"
    NEVER = "never"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class NextHop:
    """A server that takes our mail."""

    host: str
    port: int
    security: Security = Security.WHEN_OFFERED
    user: str = ""
    password: str = field(default="", repr=False)
    verify_tls: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_relay_url(url: str, *, verify_tls: bool) -> NextHop:
    """The next hop that `url` names. Raises InvalidRelayUrl.

    The certificate is only worth verifying where TLS cannot be stripped or credentials depend on
    it; opportunistic STARTTLS (RFC 3207) takes any.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        raise InvalidRelayUrl("RELAY_URL must start with smtp:// or smtps://.")
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError:
        raise InvalidRelayUrl("RELAY_URL has a port that is no number up to 65535.") from None
    if not parts.hostname:
        raise InvalidRelayUrl("RELAY_URL names no host, as in smtp://mail.example.com:25.")
    security = _security(parts.scheme, parts.query)
    user = unquote(parts.username or "")
    strict = security in (Security.REQUIRED, Security.IMPLICIT) or bool(user)
    return NextHop(
        host=parts.hostname,
        port=port,
        security=security,
        user=user,
        password=unquote(parts.password or ""),
        verify_tls=verify_tls and strict,
    )


def _security(scheme: str, query: str) -> Security:
    if scheme == "smtps":
        return Security.IMPLICIT
    choice = parse_qs(query).get("starttls", ["when-offered"])[-1]
    if choice not in ("when-offered", "required", "never"):
        raise InvalidRelayUrl("RELAY_URL: starttls can be `required` or `never`.")
    return Security(choice)
