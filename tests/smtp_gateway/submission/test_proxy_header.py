"""The header of the PROXY protocol by itself."""

import ipaddress

import pytest

from smtp_gateway.submission.proxy_header import (
    MAX_HEADER_BYTES,
    BadProxyHeader,
    ProxyHeader,
    read_proxy_header,
)

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def v2(command: int, family: int, addresses: bytes, *, version: int = 2) -> bytes:
    kind = bytes([version << 4 | command, family])
    return SIGNATURE + kind + len(addresses).to_bytes(2, "big") + addresses


def tcp4(source: str, extra: bytes = b"") -> bytes:
    return v2(1, 0x11, ipaddress.ip_address(source).packed + bytes(8) + extra)


def tcp6(source: str) -> bytes:
    return v2(1, 0x21, ipaddress.ip_address(source).packed + bytes(20))


HEADERS = {
    b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 587\r\n": "192.0.2.7",
    b"PROXY TCP6 2001:db8::7 2001:db8::1 56324 587\r\n": "2001:db8::7",
    b"PROXY UNKNOWN\r\n": "",
    b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n": "",
    tcp4("192.0.2.7"): "192.0.2.7",
    tcp4("192.0.2.7", b"\x02\x00\x04name"): "192.0.2.7",
    tcp6("2001:db8::7"): "2001:db8::7",
    v2(0, 0x00, b""): "",
    v2(0, 0x11, bytes(12)): "",
    v2(1, 0x00, b"\x03\x00\x01x"): "",
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_is_read_however_it_is_cut(header: bytes) -> None:
    wanted = ProxyHeader(HEADERS[header], len(header))
    for cut in range(len(header)):
        assert read_proxy_header(header[:cut]) is None
    assert read_proxy_header(header) == wanted
    assert read_proxy_header(bytearray(header + b"EHLO client.example\r\n")) == wanted


@pytest.mark.parametrize(
    "arrived",
    [
        b"EHLO client.example\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"PROXX",
        b"proxy TCP4 192.0.2.7 192.0.2.1 1 2\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2 \r\n",
        b"PROXY TCP4 192.0.2.07 192.0.2.1 1 2\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1 65536\r\n",
        b"PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
        b"PROXY TCP6 192.0.2.7 192.0.2.1 1 2\r\n",
        b"PROXY UDP4 192.0.2.7 192.0.2.1 1 2\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2\nEHLO x\r\n",
        b"PROXY UNKNOWN" + b" " * 100,
        v2(2, 0x11, bytes(12)),
        v2(1, 0x11, bytes(12), version=1),
        v2(1, 0x11, bytes(11)),
        v2(1, 0x12, bytes(12)),
        v2(1, 0x21, bytes(35)),
        v2(1, 0x31, bytes(216)),
        v2(1, 0x11, bytes(MAX_HEADER_BYTES)),
    ],
)
def test_anything_else_is_refused(arrived: bytes) -> None:
    with pytest.raises(BadProxyHeader):
        read_proxy_header(arrived)


def test_no_more_is_awaited_than_the_longest_header() -> None:
    longest = v2(1, 0x11, bytes(MAX_HEADER_BYTES - 16))
    assert read_proxy_header(longest[:-1]) is None
    assert read_proxy_header(longest) == ProxyHeader("0.0.0.0", MAX_HEADER_BYTES)  # noqa: S104
