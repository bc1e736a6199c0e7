"""Which DNS servers are asked, and whether they are believed about DNSSEC. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

_PORT = 53
# Further addresses of loopback belong to forwarders that validate nothing of their own accord and
# may pass on what the network says of it: systemd-resolved's 127.0.0.53, Docker's 127.0.0.11.
_OF_OUR_OWN = {"127.0.0.1", "::1"}


class InvalidDnsServer(ValueError):
    """No address of a DNS server; the text says what to write instead."""


@dataclass(frozen=True, slots=True)
class DnsServer:
    """A recursive resolver."""

    address: str
    port: int = _PORT


def parse_dns_server(text: str) -> DnsServer:
    """`192.0.2.53`, `127.0.0.1:5353`, `::1` or `[::1]:5353`. Raises InvalidDnsServer."""
    host, port = text.strip(), str(_PORT)
    if host.startswith("["):
        host, closed, rest = host[1:].partition("]")
        port = rest.removeprefix(":") if rest else port * bool(closed)
    elif host.count(":") == 1:
        host, _, port = host.partition(":")
    try:
        address = str(ip_address(host))
    except ValueError:
        address = ""
    if not address or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise InvalidDnsServer(
            f"DNS_SERVERS has {text!r}, which is no address: write 192.0.2.53, 127.0.0.1:5353 or "
            "[::1]:5353."
        )
    return DnsServer(address, int(port))


def are_believed(servers: Sequence[DnsServer], validates: bool | None) -> bool:
    """Whether what these say of DNSSEC (the AD bit) counts; `validates` is DNS_VALIDATES.

    Anybody on the way to a resolver can set the bit (RFC 4035 section 4.9.3), so unless told
    otherwise only a resolver on this machine is believed.
    """
    if validates is not None:
        return validates
    return bool(servers) and all(server.address in _OF_OUR_OWN for server in servers)
