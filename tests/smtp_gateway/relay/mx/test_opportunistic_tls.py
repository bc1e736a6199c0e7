"""TLS with hosts that nobody vouches for: any certificate, and plain text rather than nothing."""

import pytest

from smtp_gateway.relay.mx.opener import MxOpener
from smtp_gateway.relay.session import Timeouts
from tests.smtp_gateway.relay.internet.authority import Authority
from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.mx.opening import opened, refused
from tests.smtp_gateway.relay.next_hop import DROP, Script
from tests.smtp_gateway.relay.sending import PATIENT


def on_starttls(reply: str) -> Script:
    return lambda verb, argument: reply if verb == "STARTTLS" else None


async def test_a_host_without_starttls_gets_plain_text(internet: Internet) -> None:
    await internet.host("mx.x.test")
    internet.domain("x.test", "mx.x.test")
    session = await opened(internet)
    assert (session.tls, session.tls_result) == ("", "none")


async def test_any_certificate_will_do(internet: Internet) -> None:
    leaf = Authority("A stranger").leaf("somebody.else.test", expired=True)
    hop = await internet.host("mx.x.test", starttls=leaf)
    internet.domain("x.test", "mx.x.test")
    session = await opened(internet)
    assert (session.tls.split()[0], session.tls_result) == ("TLSv1.3", "opportunistic")
    assert hop.verbs == ["EHLO", "STARTTLS", "EHLO", "MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize(
    "reply",
    ["454 4.7.0 TLS not available", DROP, "220 Go on"],
    ids=["refused", "dropped", "no TLS behind it"],
)
async def test_after_failed_tls_the_same_host_gets_plain_text(
    internet: Internet, reply: str
) -> None:
    hop = await internet.host(
        "mx.x.test", script=on_starttls(reply), extensions=("PIPELINING", "STARTTLS")
    )
    internet.domain("x.test", "mx.x.test")
    session = await opened(internet, timeouts=Timeouts(reply=10, handshake=0.3))
    assert (session.tls, session.tls_result) == ("", "plain-after-failed-tls")
    assert (hop.connections, len(hop.taken)) == (2, 1)


async def test_a_host_that_hangs_up_behind_the_handshake_gets_plain_text(
    internet: Internet,
) -> None:
    hop = await internet.host("mx.x.test", starttls=True)
    hop.script = lambda verb, argument: (
        DROP if verb == "EHLO" and hop.verbs[-2:] == ["STARTTLS", "EHLO"] else None
    )
    internet.domain("x.test", "mx.x.test")
    assert (await opened(internet)).tls_result == "plain-after-failed-tls"
    assert hop.verbs[:4] == ["EHLO", "STARTTLS", "EHLO", "EHLO"]


async def test_replies_put_in_ahead_of_tls_are_no_reason_for_plain_text(
    internet: Internet,
) -> None:
    injected = on_starttls("220 Go on\r\n250 Injected")
    first = await internet.host("mx1.x.test", script=injected, starttls=True)
    second = await internet.host("mx2.x.test")
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    session = await opened(internet)
    assert (first.connections, session.hop.ip) == (1, second.host)


async def test_where_plain_text_fails_too_the_next_host_is_tried(internet: Internet) -> None:
    broken = await internet.host("mx1.x.test")
    broken.script = lambda verb, argument: {
        "CONNECT": "421 4.3.2 Only one" if broken.connections > 1 else None,
        "STARTTLS": "454 4.7.0 No",
    }.get(verb)
    broken.extensions = ("STARTTLS",)
    await internet.host("mx2.x.test")
    internet.domain("x.test", "mx1.x.test", "mx2.x.test")
    assert (await opened(internet)).hop.host == "mx2.x.test"
    assert broken.connections == 2


async def test_a_route_without_dnssec_asks_for_no_tlsa(internet: Internet) -> None:
    await internet.host("mx.x.test", starttls=True)
    internet.domain("x.test", "mx.x.test")
    internet.name_certificate("mx.x.test")
    internet.sign("x.test")
    opener = MxOpener(
        resolver=internet.resolver(validates=None), policies=None, our_name="us.test",
        timeouts=PATIENT, port=internet.port,
    )  # fmt: skip
    session = await opened(internet, opener=opener)
    assert session.tls_result == "opportunistic"
    assert not [kind for _, kind in internet.names.asked if kind == "TLSA"]


async def test_a_host_that_fails_in_both_ways_is_told(internet: Internet) -> None:
    hop = await internet.host("mx.x.test", script=on_starttls(DROP), extensions=("STARTTLS",))
    hop.script = lambda verb, argument: {"STARTTLS": DROP, "EHLO": _once(hop.connections)}.get(verb)
    internet.domain("x.test", "mx.x.test")
    assert (await refused(internet))[:2] == ("deferred", "next-hop-connection-lost")


def _once(connections: int) -> str | None:
    return DROP if connections > 1 else None
