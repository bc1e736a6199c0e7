"""The PROXY protocol, version 1 and 2: who is at the other end of a proxy's connection.

https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt. Pure: reads from what has arrived, and
never wants more than MAX_HEADER_BYTES.
"""

import ipaddress
import re
from dataclasses import dataclass

_V1_START = b"PROXY "
_V1_MAX_BYTES = 107
_V2_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_V2_FIXED_BYTES = 16
MAX_HEADER_BYTES = 4096
"""Version 2 could announce 64 KiB of additions; those in use (host name, TLS facts) need less."""

_V1 = re.compile(
    rb"PROXY (?:(UNKNOWN)(?: [ -~]*)?|(TCP4|TCP6) ([0-9A-Fa-f.:]+) ([0-9A-Fa-f.:]+)"
    rb" ([0-9]{1,5}) ([0-9]{1,5}))\r\n\Z"
)
_LOCAL, _PROXY = 0, 1
_ADDRESS_BYTES = {1: 4, 2: 16}
"""By address family of version 2: IPv4, IPv6."""


class BadProxyHeader(ValueError):
    """What came first is no PROXY header."""


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """A header that is complete."""

    ip: str
    """Of the client; empty: the proxy speaks for itself, as in a health check."""
    size_bytes: int
    """How much of what arrived is the header."""


def read_proxy_header(arrived: bytes | bytearray) -> ProxyHeader | None:
    """None: more must come. Raises BadProxyHeader as soon as nothing could make it one."""
    start = bytes(arrived[:_V2_FIXED_BYTES])
    if _V2_SIGNATURE.startswith(start[: len(_V2_SIGNATURE)]) or start.startswith(_V2_SIGNATURE):
        return _read_v2(arrived)
    if _V1_START.startswith(start[: len(_V1_START)]) or start.startswith(_V1_START):
        return _read_v1(arrived)
    raise BadProxyHeader


def _read_v1(arrived: bytes | bytearray) -> ProxyHeader | None:
    end = arrived.find(b"\r\n", 0, _V1_MAX_BYTES)
    if end < 0:
        if len(arrived) >= _V1_MAX_BYTES:
            raise BadProxyHeader
        return None
    match = _V1.match(bytes(arrived[: end + 2]))
    if match is None:
        raise BadProxyHeader
    if match[1]:
        return ProxyHeader("", end + 2)
    version = 4 if match[2] == b"TCP4" else 6
    addresses = [_v1_address(text, version) for text in (match[3], match[4])]
    if any(int(port) > 65535 for port in (match[5], match[6])):
        raise BadProxyHeader
    return ProxyHeader(addresses[0], end + 2)


def _v1_address(text: bytes, version: int) -> str:
    try:
        address = ipaddress.ip_address(text.decode("ascii"))
    except ValueError:
        raise BadProxyHeader from None
    if address.version != version:
        raise BadProxyHeader
    return str(address)


def _read_v2(arrived: bytes | bytearray) -> ProxyHeader | None:
    if len(arrived) < _V2_FIXED_BYTES:
        return None
    version, command = arrived[12] >> 4, arrived[12] & 0x0F
    size_bytes = _V2_FIXED_BYTES + int.from_bytes(arrived[14:16], "big")
    if version != 2 or command not in (_LOCAL, _PROXY) or size_bytes > MAX_HEADER_BYTES:
        raise BadProxyHeader
    if len(arrived) < size_bytes:
        return None
    ip = _v2_address(arrived, size_bytes) if command == _PROXY else ""
    return ProxyHeader(ip, size_bytes)


def _v2_address(arrived: bytes | bytearray, size_bytes: int) -> str:
    family, transport = arrived[13] >> 4, arrived[13] & 0x0F
    if (family, transport) == (0, 0):
        # Unspecified: to be treated like LOCAL.
        return ""
    length = _ADDRESS_BYTES.get(family, 0)
    # Only TCP carries SMTP. Both addresses and both ports must be there.
    if not length or transport != 1 or size_bytes < _V2_FIXED_BYTES + 2 * length + 4:
        raise BadProxyHeader
    return str(ipaddress.ip_address(bytes(arrived[_V2_FIXED_BYTES : _V2_FIXED_BYTES + length])))
