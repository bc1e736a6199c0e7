"""Testing direct delivery in a small internet: real DNS, real mail hosts, real TLS."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from smtp_gateway.relay.routing import RouteSpec
from smtp_gateway.relay.session import Timeouts
from smtp_gateway.routes.trial.dialogue import Said
from smtp_gateway.routes.trial.direct import direct_trial
from smtp_gateway.routes.trial.finding import Finding
from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.routes.test_trial import tried, words


@pytest.fixture
async def internet(transactional_db: None, settings: Any) -> AsyncIterator[Internet]:
    """A small internet that the settings lead to."""
    async with Internet().running() as internet:
        settings.DNS_SERVERS = [internet.names.server]
        settings.DNS_VALIDATES = True
        settings.MX_PORT = internet.port
        yield internet


async def ask(domain: str = "x.test", recipient: str = "") -> tuple[list[Said], Finding]:
    spec = RouteSpec(1, "Direct", "mx", source_ipv4="127.0.7.7")
    trial = direct_trial(
        spec,
        domain=domain,
        mail_from="directmail@us.test",
        recipient=recipient,
        timeouts=Timeouts(connect=5, reply=5),
    )
    return await tried(trial)


async def test_the_mail_servers_are_named_and_the_first_that_answers_is_asked(
    internet: Internet,
) -> None:
    hop = await internet.host("mx2.x.test", starttls=True)
    internet.names.add("mx1.x.test A 127.0.25.200")
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    said, finding = await ask(recipient="anna@x.test")
    lines = words(said)
    assert lines[0] == "Event: Looking up the mail servers of x.test."
    assert lines[1] == (
        "Event: Its mail servers, in the order they are tried: mx1.x.test, mx2.x.test."
    )
    assert lines[2] == f"Event: Connected to {hop.host}:{internet.port}."
    assert any(line.startswith("Event: TLS began: TLSv1.3") for line in lines)
    assert "DirectMail: RCPT TO:<anna@x.test>" in lines
    assert hop.verbs == ["EHLO", "STARTTLS", "EHLO", "MAIL", "RCPT", "RSET", "QUIT"]
    assert hop.peers == ["127.0.7.7"]
    assert finding.is_good
    assert "It would take mail to anna@x.test." in finding.text


async def test_a_domain_alone_is_connected_to(internet: Internet) -> None:
    hop = await internet.host("x.test")
    said, finding = await ask()
    assert words(said)[1] == "Event: x.test has no MX record, so it is tried itself."
    assert (finding.is_good, hop.verbs) == (True, ["EHLO", "QUIT"])


@pytest.mark.parametrize(
    ("records", "title", "said"),
    [
        ((), "No such domain", "There is no domain x.test"),
        (("x.test MX 0 .",), "It takes no mail", "null MX"),
        (("x.test MX 10 gone.test",), "Its mail servers are unknown", "has no address"),
    ],
    ids=["no-domain", "null-mx", "no-address"],
)
async def test_what_dns_says_is_explained(
    internet: Internet, records: tuple[str, ...], title: str, said: str
) -> None:
    internet.names.add("y.test A 127.0.0.1", *records)
    _, finding = await ask()
    assert (finding.is_good, finding.title) == (False, title)
    assert said in finding.text


async def test_where_no_server_is_reached_port_25_is_spoken_of(internet: Internet) -> None:
    internet.names.add("mx.x.test A 127.0.25.200")
    internet.domain("x.test", "mx.x.test")
    _, finding = await ask()
    assert finding.title == "Cannot be reached"
    assert f"mx.x.test [127.0.25.200]:{internet.port}" in finding.text
    assert "outgoing port 25 is blocked" in finding.text


async def test_a_certificate_that_dane_does_not_name_is_explained(internet: Internet) -> None:
    await internet.host("mx.x.test", starttls=True)
    other = internet.authority.leaf("other.test")
    internet.domain("x.test", "mx.x.test")
    internet.sign("test")
    internet.name_certificate("mx.x.test", certificate=other.certificate)
    _, finding = await ask()
    assert finding.title == "Not protected as it has to be"
    assert "DANE for mx.x.test requires it" in finding.text


async def test_a_refused_recipient_is_explained(internet: Internet) -> None:
    def script(verb: str, argument: str) -> str | None:
        return "550 5.1.1 Nobody of that name" if verb == "RCPT" else None

    await internet.host("mx.x.test", script=script)
    internet.domain("x.test", "mx.x.test")
    said, finding = await ask(recipient="nobody@x.test")
    assert "Server: 550 5.1.1 Nobody of that name" in words(said)
    assert finding.title == "Recipient refused"


async def test_more_servers_than_can_be_named_are_counted(internet: Internet) -> None:
    hops: list[ScriptedHop] = [await internet.host(f"mx{n}.x.test") for n in range(7)]
    internet.domain("x.test", *(f"mx{n}.x.test" for n in range(7)))
    said, _ = await ask()
    assert "mx4.x.test and 2 more." in words(said)[1]
    assert [hop.connections for hop in hops] == [1, 0, 0, 0, 0, 0, 0]
