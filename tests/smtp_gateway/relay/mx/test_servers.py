"""DNS_SERVERS, and whom DNSSEC is believed from."""

import pytest

from smtp_gateway.relay.mx.servers import (
    DnsServer,
    InvalidDnsServer,
    are_believed,
    parse_dns_server,
)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", DnsServer("192.0.2.53", 53)),
        (" 127.0.0.1:5353", DnsServer("127.0.0.1", 5353)),
        ("::1", DnsServer("::1", 53)),
        ("[::1]", DnsServer("::1", 53)),
        ("[::1]:5353", DnsServer("::1", 5353)),
    ],
)
def test_an_address_is_read_with_and_without_port(text: str, server: DnsServer) -> None:
    assert parse_dns_server(text) == server


@pytest.mark.parametrize(
    "text", ["", "dns.example.net", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:x", "[::1]x", "[::1"]
)
def test_what_is_no_address_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(InvalidDnsServer, match="DNS_SERVERS has"):
        parse_dns_server(text)


@pytest.mark.parametrize(
    ("addresses", "validates", "believed"),
    [
        (["127.0.0.1"], None, True),
        (["::1", "127.0.0.1"], None, True),
        (["127.0.0.53"], None, False),
        (["127.0.0.11"], None, False),
        (["127.0.0.1", "192.0.2.53"], None, False),
        ([], None, False),
        (["192.0.2.53"], True, True),
        (["127.0.0.1"], False, False),
    ],
)
def test_only_a_resolver_of_our_own_is_believed_unasked(
    addresses: list[str], validates: bool | None, believed: bool
) -> None:
    assert are_believed([DnsServer(address) for address in addresses], validates) == believed
