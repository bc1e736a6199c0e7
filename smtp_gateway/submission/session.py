"""What one connection knows: who is at the other end, and the mail transaction that is open."""

import ipaddress
import secrets
from dataclasses import dataclass, field
from functools import lru_cache

from smtp_gateway.dsn import NO_MAIL_DSN, MailDsn, RecipientDsn
from smtp_gateway.identity import Credential, Sender


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection."""

    ip: str
    is_loopback: bool
    tls: str = ""
    """Version and cipher, as in "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty: no TLS."""


@dataclass(slots=True)
class Transaction:
    """The envelope that MAIL and RCPT build."""

    mail_from: str
    is_smtputf8: bool
    dsn: MailDsn = NO_MAIL_DSN
    recipients: dict[str, str] = field(default_factory=dict)
    """Identity of the mailbox to the address as it was given: one recipient named twice is one."""
    recipient_dsn: dict[str, RecipientDsn] = field(default_factory=dict)
    """By address as it was given, where RCPT asked for something."""
    has_noted_refusal: bool = False
    """Whether the mail log was told of a recipient that was refused for now."""
    refused_recipients: int = 0
    """Those that were no error of the application's."""
    counted_at: float = 0.0
    """When it was counted against each of its recipients, in epoch seconds; 0: it is not."""
    chunks: bytearray | None = None
    """What BDAT brought so far; None: no BDAT yet."""


@dataclass(slots=True)
class SessionState:
    """Everything that STARTTLS makes forgotten (RFC 3207 section 4.2), but `session_id`."""

    session_id: str
    peer: Peer
    hello_name: str = ""
    is_extended: bool = False
    sender: Sender | None = None
    """Who is logged in, as it was then."""
    credential: Credential | None = None
    """With whose password."""
    transaction: Transaction | None = None
    errors: int = 0
    auth_failures: int = 0
    mails: int = 0
    """Accepted ones."""
    recipients: int = 0
    """Accepted ones, of all mails."""
    fruitless_commands: int = 0
    """Since the last accepted mail: those that brought no mail nearer."""


def new_session_id() -> str:
    """16 hexadecimal digits."""
    return secrets.token_hex(8)


def behind_proxy(proxy: Peer, client_ip: str) -> Peer:
    """The client that a proxy speaks for."""
    peer = peer_of((client_ip,), proxy.tls)
    # The way from the client to us is on this machine only if both parts of it are.
    return Peer(peer.ip, peer.is_loopback and proxy.is_loopback, peer.tls)


def peer_of(peername: object, tls: str) -> Peer:
    """From what a transport says; an IPv4 address in IPv6 clothes is shown plainly."""
    text = str(peername[0]).partition("%")[0] if isinstance(peername, tuple) and peername else "::"
    return _peer_of(text, tls)


@lru_cache(maxsize=10_000)
def _peer_of(text: str, tls: str) -> Peer:
    ip = ipaddress.ip_address(text)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return Peer(str(ip), ip.is_loopback, tls)
