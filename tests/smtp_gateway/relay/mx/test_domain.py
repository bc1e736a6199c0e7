"""What stands behind the @, as mail is routed by it."""

import pytest

from smtp_gateway.relay.mx.domain import Domain, InvalidDomain, may_be_elsewhere, read_domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Example.NET", Domain("example.net")),
        ("example.net.", Domain("example.net")),
        ("bücher.example", Domain("xn--bcher-kva.example")),
        ("xn--bcher-kva.example", Domain("xn--bcher-kva.example")),
        ("_tls.example.net", Domain("_tls.example.net")),
        ("[192.0.2.1]", Domain("", "192.0.2.1")),
        ("[IPv6:2001:DB8::1]", Domain("", "2001:db8::1")),
    ],
)
def test_a_domain_is_read(text: str, domain: Domain) -> None:
    assert read_domain(text) == domain


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "a..b", "-a.test", "a b.test", "a\x00.test", f"{'a' * 64}.test", "[192.0.2.1",
        ".".join(["a" * 60] * 5), "[IPv6:192.0.2.1]", "[2001:db8::1]", "[tag:x]", "ü" * 70, "a.b]",
    ],
)  # fmt: skip
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(InvalidDomain):
        read_domain(text)


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("192.0.2.1", True), ("10.0.0.1", True), ("2001:db8::1", True), ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nobody binds it
        ("::", False), ("::1", False), ("::ffff:127.0.0.1", False),
        ("224.0.0.1", False), ("169.254.1.1", False), ("fe80::1", False),
        ("255.255.255.255", False),
    ],
)  # fmt: skip
def test_strangers_mail_goes_to_other_machines_only(address: str, may: bool) -> None:
    assert may_be_elsewhere(address) == may
