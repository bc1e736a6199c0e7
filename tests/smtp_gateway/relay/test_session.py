"""What a session says of itself: how it is protected, where it leads, where it comes from."""

import ssl

import pytest

from smtp_gateway.relay.classify import Fault
from smtp_gateway.relay.next_hop import NextHop, Security
from smtp_gateway.relay.protection import Protection, tls_context
from smtp_gateway.relay.session import Ended, Session, open_session
from tests.smtp_gateway.relay.conftest import Certificate
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.sending import PATIENT, hop_at


async def opened(hop: NextHop, protection: Protection | None = None) -> Session:
    session = await open_session(hop, our_name="us.test", timeouts=PATIENT, protection=protection)
    session.close()
    return session


def with_tls(certificate: Certificate) -> ScriptedHop:
    return ScriptedHop(starttls=certificate.server_context)


async def test_a_session_without_tls_says_so() -> None:
    async with ScriptedHop().running() as hop:
        session = await opened(hop_at(hop))
    assert session.tls_result == "none"


async def test_tls_with_any_certificate_is_opportunistic(certificate: Certificate) -> None:
    async with with_tls(certificate).running() as hop:
        session = await opened(hop_at(hop))
    assert session.tls_result == "opportunistic"


@pytest.mark.parametrize("security", [Security.REQUIRED, Security.IMPLICIT])
async def test_tls_with_a_trusted_certificate_is_verified(
    security: Security, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    tls_context.cache_clear()
    kind = "implicit_tls" if security is Security.IMPLICIT else "starttls"
    async with ScriptedHop(**{kind: certificate.server_context}).running() as hop:
        session = await opened(hop_at(hop, security=security, verify_tls=True))
    tls_context.cache_clear()
    assert session.tls_result == "verified"


async def test_a_protection_sees_the_chain_and_can_refuse_it(certificate: Certificate) -> None:
    chains = []

    def fault_of(chain: list[bytes]) -> str:
        chains.extend(chain)
        return "its certificate is not the one"

    refusing = Protection(Security.REQUIRED, fault_of=fault_of, required_by="DANE of x.test")
    async with with_tls(certificate).running() as hop:
        with pytest.raises(Ended) as raised:
            await opened(hop_at(hop), refusing)
    assert chains == [ssl.PEM_cert_to_DER_cert(certificate.file.read_text())]
    assert raised.value.ending.fault is Fault.TLS
    assert raised.value.ending.detail == (
        "its certificate is not the one, and DANE of x.test requires it"
    )


async def test_what_cannot_be_opened_names_the_hop() -> None:
    async with ScriptedHop().running() as hop:
        target = hop_at(hop)
    with pytest.raises(Ended) as raised:
        await opened(target)
    assert raised.value.hop == target


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_connection_comes_from_the_address_that_was_chosen(host: str) -> None:
    async with ScriptedHop().running() as hop:
        await opened(hop_at(hop, host=host, source_ipv4="127.0.7.7"))
    assert hop.peers == ["127.0.7.7"]


async def test_an_ipv4_source_leaves_ipv6_alone() -> None:
    async with ScriptedHop(host="::1").running() as hop:
        await opened(hop_at(hop, source_ipv4="127.0.7.7"))
    assert hop.peers == ["::1"]


async def test_a_source_address_that_is_not_ours_defers() -> None:
    async with ScriptedHop().running() as hop:
        with pytest.raises(Ended) as raised:
            await opened(hop_at(hop, source_ipv4="192.0.2.1"))
    assert raised.value.ending.fault is Fault.UNREACHABLE
    assert "address" in raised.value.ending.detail


@pytest.mark.parametrize(
    ("hop", "shown"),
    [
        (NextHop("mx.test", 25), "mx.test:25"),
        (NextHop("::1", 25), "[::1]:25"),
        (NextHop("mx.test", 25, ip="192.0.2.1"), "mx.test [192.0.2.1]:25"),
        (NextHop("mx.test", 25, ip="2001:db8::1"), "mx.test [2001:db8::1]:25"),
        (NextHop("192.0.2.1", 25, ip="192.0.2.1"), "[192.0.2.1]:25"),
    ],
    ids=str,
)
def test_a_hop_shows_where_it_was_found(hop: NextHop, shown: str) -> None:
    assert str(hop) == shown


def test_a_hop_with_a_very_long_name_fits_into_the_mail_log() -> None:
    long = NextHop(".".join(["a" * 62] * 4), 65535, ip="2001:db8:1111:2222:3333:4444:5555:6666")
    assert len(str(long)) <= 270
