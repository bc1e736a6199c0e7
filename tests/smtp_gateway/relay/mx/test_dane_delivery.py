"""Delivery where DNSSEC names the hosts' certificates (RFC 7672)."""

import pytest

from tests.smtp_gateway.relay.internet.authority import Authority
from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.internet.names import Trouble
from tests.smtp_gateway.relay.mx.opening import opened, refused


@pytest.fixture
def signed(internet: Internet) -> Internet:
    """All of it is signed."""
    internet.sign("test")
    return internet


async def test_a_host_with_the_named_certificate_gets_the_mail(signed: Internet) -> None:
    leaf = Authority("A stranger").leaf("whatever.test")
    await signed.host("mx.x.test", starttls=leaf)
    signed.domain("x.test", "mx.x.test")
    signed.name_certificate("mx.x.test")
    assert (await opened(signed)).tls_result == "dane"


async def test_a_host_with_another_certificate_gets_nothing(signed: Internet) -> None:
    hop = await signed.host("mx.x.test", starttls=True)
    signed.domain("x.test", "mx.x.test")
    other = Authority("A stranger").leaf("mx.x.test")
    signed.name_certificate("mx.x.test", certificate=other.certificate)
    assert await refused(signed) == (
        "deferred",
        "next-hop-tls-failed",
        f"No TLS connection to mx.x.test [{hop.host}]: its certificate is not one that its TLSA"
        " records name, and DANE for mx.x.test requires it.",
    )
    assert (hop.connections, "MAIL" in hop.verbs) == (1, False)


@pytest.mark.parametrize("is_offered", [True, False])
async def test_no_plain_text_where_a_certificate_is_named(
    signed: Internet, is_offered: bool
) -> None:
    hop = await signed.host("mx.x.test", starttls=True)
    hop.starttls = None
    if is_offered:
        hop.extensions = ("STARTTLS",)
        hop.script = lambda verb, argument: "454 4.7.0 No" if verb == "STARTTLS" else None
    signed.domain("x.test", "mx.x.test")
    signed.name_certificate("mx.x.test")
    name, code, reason = await refused(signed)
    assert (name, code) == ("deferred", "next-hop-tls-failed")
    assert "and DANE for mx.x.test requires it" in reason
    assert hop.connections == 1


async def test_the_next_host_is_tried_where_one_has_the_wrong_certificate(
    signed: Internet,
) -> None:
    wrong = Authority("A stranger").leaf("mx1.x.test").certificate
    for name in ("mx1.x.test", "mx2.x.test"):
        await signed.host(name, starttls=True)
    signed.domain("x.test", "mx1.x.test", "mx2.x.test")
    signed.name_certificate("mx1.x.test", certificate=wrong)
    signed.name_certificate("mx2.x.test")
    assert (await opened(signed)).hop.host == "mx2.x.test"


@pytest.mark.parametrize("named", ["mx.x.test", "x.test"])
async def test_by_an_authority_the_certificate_may_be_for_host_or_domain(
    signed: Internet, named: str
) -> None:
    authority = Authority("A private one")
    await signed.host("mx.x.test", starttls=authority.leaf(named))
    signed.domain("x.test", "mx.x.test")
    signed.name_certificate("mx.x.test", 2, 0, 1, certificate=authority.certificate)
    assert (await opened(signed)).tls_result == "dane"


async def test_by_an_authority_a_certificate_for_somebody_else_is_refused(
    signed: Internet,
) -> None:
    authority = Authority("A private one")
    await signed.host("mx.x.test", starttls=authority.leaf("other.test"))
    signed.domain("x.test", "mx.x.test")
    signed.name_certificate("mx.x.test", 2, 0, 1, certificate=authority.certificate)
    assert (await refused(signed))[1] == "next-hop-tls-failed"


@pytest.mark.parametrize("unsigned", ["x.test", "mx.y.test"], ids=["the MX", "the address"])
async def test_without_signed_mx_and_address_tlsa_is_not_asked_for(
    internet: Internet, unsigned: str
) -> None:
    internet.sign("x.test", "y.test")
    internet.names.signed.discard(unsigned.removeprefix("mx."))
    leaf = Authority("A stranger").leaf("mx.y.test")
    await internet.host("mx.y.test", starttls=leaf)
    internet.domain("x.test", "mx.y.test")
    wrong = Authority("Another").certificate
    internet.name_certificate("mx.y.test", certificate=wrong)
    assert (await opened(internet)).tls_result == "opportunistic"
    assert not [kind for _, kind in internet.names.asked if kind == "TLSA"]


async def test_a_signed_domain_without_mx_is_protected_too(signed: Internet) -> None:
    await signed.host("x.test", starttls=True)
    signed.name_certificate("x.test")
    assert (await opened(signed)).tls_result == "dane"


async def test_a_host_whose_tlsa_cannot_be_looked_up_gets_nothing(signed: Internet) -> None:
    hop = await signed.host("mx.x.test", starttls=True)
    signed.domain("x.test", "mx.x.test")
    signed.names.trouble(f"_{signed.port}._tcp.mx.x.test", "TLSA", Trouble.SERVFAIL)
    name, code, reason = await refused(signed)
    assert (name, code) == ("deferred", "dns-failed")
    assert reason.startswith("The TLSA records of mx.x.test cannot be looked up: ")
    assert hop.connections == 0


async def test_the_next_host_is_tried_where_tlsa_cannot_be_looked_up(signed: Internet) -> None:
    for name in ("mx1.x.test", "mx2.x.test"):
        await signed.host(name, starttls=True)
    signed.domain("x.test", "mx1.x.test", "mx2.x.test")
    signed.names.trouble(f"_{signed.port}._tcp.mx1.x.test", "TLSA", Trouble.SERVFAIL)
    assert (await opened(signed)).hop.host == "mx2.x.test"


async def test_records_that_are_not_for_smtp_ask_for_tls_and_no_more(signed: Internet) -> None:
    leaf = Authority("A stranger").leaf("whatever.test")
    hop = await signed.host("mx.x.test", starttls=leaf)
    signed.domain("x.test", "mx.x.test")
    signed.name_certificate("mx.x.test", 1)
    assert (await opened(signed)).tls_result == "opportunistic"
    hop.starttls = None
    assert (await refused(signed))[2].endswith(
        "it offers no STARTTLS, and DANE for mx.x.test requires it."
    )


async def test_unsigned_tlsa_records_are_not_believed(internet: Internet) -> None:
    internet.sign("x.test")
    await internet.host("mx.x.test", starttls=True)
    internet.names.add("mx.y.test CNAME mx.x.test")
    internet.domain("x.test", "mx.x.test")
    wrong = Authority("Another").certificate
    internet.name_certificate("mx.x.test", certificate=wrong)
    record = internet.names.records.pop((f"_{internet.port}._tcp.mx.x.test", "TLSA"))
    internet.names.add(f"_{internet.port}._tcp.mx.x.test CNAME tlsa.elsewhere.test")
    internet.names.records["tlsa.elsewhere.test", "TLSA"] = record
    assert (await opened(internet)).tls_result == "opportunistic"


async def test_the_records_of_what_an_alias_leads_to_come_first(signed: Internet) -> None:
    hop = await signed.host("real.test", starttls=True)
    asked_for = []
    signed.leaves["real.test"].server_context.sni_callback = lambda connection, name, context: (
        asked_for.append(name)
    )
    signed.names.add("mx.x.test CNAME real.test")
    signed.domain("x.test", "mx.x.test")
    signed.name_certificate("real.test")
    session = await opened(signed)
    assert (session.tls_result, session.hop.ip) == ("dane", hop.host)
    assert asked_for == ["real.test"]
    assert signed.names.count(f"_{signed.port}._tcp.mx.x.test", "TLSA") == 0


async def test_the_records_of_an_alias_count_where_what_it_leads_to_has_none(
    signed: Internet,
) -> None:
    await signed.host("real.test", starttls=True)
    signed.names.add("mx.x.test CNAME real.test")
    signed.domain("x.test", "mx.x.test")
    certificate = signed.leaves["real.test"].certificate
    signed.name_certificate("mx.x.test", certificate=certificate)
    assert (await opened(signed)).tls_result == "dane"


async def test_an_address_for_a_domain_has_no_dane(signed: Internet) -> None:
    hop = await signed.host("mx.x.test", starttls=True)
    signed.name_certificate("mx.x.test")
    session = await signed.opener().open(f"[{hop.host}]")
    session.close()
    assert session.tls_result == "opportunistic"
