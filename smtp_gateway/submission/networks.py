"""Where a client is, as limits count it: an IPv4 address, or the /64 of an IPv6 one. Pure."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# A host has a /64 of IPv6 to itself (RFC 7934, RFC 8273): to count its addresses limits nothing.
_IPV6_PREFIX_BITS = 64


@dataclass(frozen=True, slots=True)
class Place:
    """What is counted for one IP."""

    network: str
    is_limited: bool = True


def is_in(ip: str, networks: Sequence[Network]) -> bool:
    """Whether the address is one of theirs."""
    address = ipaddress.ip_address(ip)
    return any(address in network for network in networks)


def place_of(ip: str, unlimited: Sequence[Network]) -> Place:
    """The place of `ip`; not limited where it is in one of `unlimited`."""
    return _place_of(ip, tuple(unlimited))


# Applications come back from the same few addresses, and reading one costs ten times a look-up.
@lru_cache(maxsize=10_000)
def _place_of(ip: str, unlimited: tuple[Network, ...]) -> Place:
    address = ipaddress.ip_address(ip)
    is_limited = not any(address in network for network in unlimited)
    if address.version == 4:
        return Place(ip, is_limited)
    return Place(str(ipaddress.IPv6Network((ip, _IPV6_PREFIX_BITS), strict=False)), is_limited)
