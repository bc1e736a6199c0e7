"""A recipient's domain as mail is routed by: a name in A-labels, or an address. Pure."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

import idna

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_MAX_NAME_CHARS = 253
_IPV6 = "ipv6:"


class InvalidDomain(ValueError):
    """No domain that mail can be routed by; the text fits after `the domain x`."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A name to be looked up, or an address literal's address (RFC 5321 section 4.1.3)."""

    name: str
    address: str = ""
    """Empty: it is a name."""

    def __str__(self) -> str:
        return f"[{self.address}]" if self.address else self.name


def read_domain(text: str) -> Domain:
    """`example.net`, `bücher.example`, `[192.0.2.1]` or `[IPv6:2001:db8::1]`.

    Raises InvalidDomain.
    """
    if text.startswith("[") and text.endswith("]"):
        return _literal(text)
    name = _in_a_labels(text).removesuffix(".").lower()
    if not is_host_name(name):
        raise InvalidDomain("is no domain name")
    return Domain(name)


def is_host_name(name: str) -> bool:
    """Whether DNS can have a host of this name, in small letters and without a dot at the end.

    Underscores are not for hosts, and some have them.
    """
    return len(name) <= _MAX_NAME_CHARS and all(map(_LABEL.fullmatch, name.split(".")))


def may_be_elsewhere(address: str) -> bool:
    """Whether a machine on the network can have this address.

    No mail of strangers goes to a server on this machine that trusts whoever is on it.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    never = ip.is_loopback or ip.is_unspecified or ip.is_multicast or ip.is_link_local
    return not never and ip != IPv4Address("255.255.255.255")


def _in_a_labels(text: str) -> str:
    if text.isascii():
        return text
    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise InvalidDomain("is no domain name") from None


def _literal(text: str) -> Domain:
    inner = text[1:].removesuffix("]")
    try:
        if inner.lower().startswith(_IPV6):
            return Domain("", str(IPv6Address(inner[len(_IPV6) :].partition("%")[0])))
        return Domain("", str(IPv4Address(inner)))
    except ValueError:
        raise InvalidDomain("is no address in brackets") from None
