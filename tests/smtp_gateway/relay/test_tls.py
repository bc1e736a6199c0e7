"""STARTTLS where it is offered or required, and implicit TLS."""

from collections.abc import Iterator

import pytest

from smtp_gateway.queue import Outcome
from smtp_gateway.relay.next_hop import Security
from smtp_gateway.relay.protection import tls_context
from smtp_gateway.relay.session import Timeouts
from tests.smtp_gateway.relay.conftest import Certificate
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.sending import CONTENT, PATIENT, hop_at, make_courier, make_delivery


@pytest.fixture(autouse=True)
def _own_authorities() -> Iterator[None]:
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


async def relay(hop: ScriptedHop, timeouts: Timeouts = PATIENT, **changes: object) -> Outcome:
    courier = make_courier(hop_at(hop, **changes), timeouts=timeouts)
    (outcome,) = await courier.relay([make_delivery()], {1: CONTENT})
    courier.destination.pool.close()
    return outcome


async def test_tls_is_started_where_it_is_offered_with_any_certificate(
    certificate: Certificate,
) -> None:
    async with ScriptedHop(starttls=certificate.server_context).running() as hop:
        outcome = await relay(hop)
    assert (outcome.name, outcome.tls.split()[0]) == ("relayed", "TLSv1.3")
    assert hop.verbs[:4] == ["EHLO", "STARTTLS", "EHLO", "MAIL"]
    assert hop.taken[0].content == CONTENT


async def test_mail_goes_without_tls_where_none_is_offered() -> None:
    async with ScriptedHop().running() as hop:
        outcome = await relay(hop)
    assert (outcome.name, outcome.tls) == ("relayed", "")


async def test_required_tls_that_is_not_offered_defers() -> None:
    async with ScriptedHop().running() as hop:
        outcome = await relay(hop, security=Security.REQUIRED)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-tls-failed")
    assert outcome.reason == (
        f"No TLS connection to 127.0.0.1:{hop.port}: it offers no STARTTLS, and its route requires"
        " it."
    )
    assert "MAIL" not in hop.verbs


async def test_tls_can_be_left_alone(certificate: Certificate) -> None:
    async with ScriptedHop(starttls=certificate.server_context).running() as hop:
        outcome = await relay(hop, security=Security.NEVER)
    assert (outcome.name, outcome.tls) == ("relayed", "")
    assert "STARTTLS" not in hop.verbs


async def test_a_refused_starttls_defers(certificate: Certificate) -> None:
    def script(verb: str, argument: str) -> str | None:
        return "454 4.7.0 TLS not available" if verb == "STARTTLS" else None

    async with ScriptedHop(script, starttls=certificate.server_context).running() as hop:
        outcome = await relay(hop)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-tls-failed")
    assert outcome.reply == "454 4.7.0 TLS not available"


async def test_replies_injected_ahead_of_the_handshake_are_not_believed(
    certificate: Certificate,
) -> None:
    def script(verb: str, argument: str) -> str | None:
        return "220 Go on\r\n250 Injected" if verb == "STARTTLS" else None

    async with ScriptedHop(script, starttls=certificate.server_context).running() as hop:
        outcome = await relay(hop)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-protocol-error")


async def test_a_server_that_speaks_no_tls_after_starttls_defers() -> None:
    def script(verb: str, argument: str) -> str | None:
        return {"EHLO": "250-hop.test\r\n250 STARTTLS", "STARTTLS": "220 Go on"}.get(verb)

    async with ScriptedHop(script).running() as hop:
        outcome = await relay(hop, Timeouts(handshake=0.3))
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-tls-failed")


@pytest.mark.parametrize("security", [Security.REQUIRED, Security.IMPLICIT])
async def test_an_unknown_certificate_is_refused_where_it_is_verified(
    security: Security, certificate: Certificate
) -> None:
    tls = certificate.server_context
    hop = ScriptedHop(
        **{"implicit_tls" if security is Security.IMPLICIT else "starttls": tls}  # type: ignore[arg-type]
    )
    async with hop.running():
        outcome = await relay(hop, security=security, verify_tls=True)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-tls-failed")
    assert "its certificate is not trusted (self-signed certificate)" in outcome.reason


@pytest.mark.parametrize("security", [Security.REQUIRED, Security.IMPLICIT])
async def test_a_certificate_of_a_known_authority_is_taken(
    security: Security, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    tls = certificate.server_context
    hop = ScriptedHop(
        **{"implicit_tls" if security is Security.IMPLICIT else "starttls": tls}  # type: ignore[arg-type]
    )
    async with hop.running():
        outcome = await relay(hop, security=security, verify_tls=True)
    assert (outcome.name, hop.taken[0].content) == ("relayed", CONTENT)


async def test_implicit_tls_to_a_server_that_speaks_none_defers() -> None:
    async with ScriptedHop().running() as hop:
        outcome = await relay(hop, security=Security.IMPLICIT)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-tls-failed")


@pytest.mark.parametrize("verify", [True, False])
def test_the_authorities_are_read_once_and_not_for_each_connection(verify: bool) -> None:
    assert tls_context(verify) is tls_context(verify)
    assert tls_context(verify).check_hostname == verify
