"""What is asked over the network: gateway, PUBLIC_URL, next hops."""

import json
import socket

import pytest

from directmail.health_checks import network
from tests.directmail.health_checks.servers import answering, http

READY = {"status": "ready", "database": "answers", "workers": [{}, {}]}


@pytest.fixture
def closed_port():
    """A port at which nobody listens as long as this one is bound."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def gateway_that_says(settings, said, status="200 OK"):
    with answering(http(json.dumps(said), status=status)) as port:
        settings.GATEWAY_HEALTH_PORT = port
        return network.gateway()


def test_a_ready_gateway_is_good(settings):
    result = gateway_that_says(settings, READY)
    assert (result.state, result.code, result.facts) == ("ok", "gateway.ready", {"workers": 2})


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({**READY, "status": "stopping"}, "503 Service Unavailable", "gateway.not-ready"),
        ({**READY, "database": "away"}, "200 OK", "gateway.database-away"),
    ],
    ids=["stopping", "database-away"],
)
def test_a_gateway_that_is_not_well_says_why(settings, said, status, code):
    result = gateway_that_says(settings, said, status)
    assert (result.state, result.code) == ("bad", code)


def test_a_gateway_that_answers_nonsense_is_away(settings):
    with answering(http("hello")) as port:
        settings.GATEWAY_HEALTH_PORT = port
        assert network.gateway().code == "gateway.away"


def test_a_gateway_that_is_not_there_is_away(settings, closed_port):
    settings.GATEWAY_HEALTH_PORT = closed_port
    assert network.gateway().code == "gateway.away"


def test_without_a_health_port_both_ports_have_to_greet(settings, closed_port):
    settings.GATEWAY_HEALTH_PORT, settings.SMTP_PORT = 0, closed_port
    assert network.gateway().code == "gateway.away"


def test_a_public_url_by_http_leads_here_and_is_no_https(settings):
    with answering(http("ok\n")) as port:
        settings.PUBLIC_URL = f"http://127.0.0.1:{port}"
        result = network.public_url()
    assert (result.state, result.code) == ("warn", "public-url.not-https")


def test_a_public_url_that_leads_to_something_else_is_bad(settings):
    with answering(http("<h1>It works!</h1>")) as port:
        settings.PUBLIC_URL = f"http://127.0.0.1:{port}"
        assert network.public_url().code == "public-url.other"


@pytest.mark.parametrize("status", ["503 Service Unavailable", "404 Not Found"])
def test_a_public_url_that_answers_by_an_error_is_not_reachable(settings, status):
    with answering(http("no", status=status)) as port:
        settings.PUBLIC_URL = f"http://127.0.0.1:{port}"
        assert network.public_url().code == "public-url.unreachable"


def test_a_public_url_where_nobody_listens_says_why(settings, closed_port):
    settings.PUBLIC_URL = f"http://127.0.0.1:{closed_port}"
    result = network.public_url()
    assert result.code == "public-url.unreachable"
    assert "refused" in result.facts["cause"]


def test_a_next_hop_that_greets_is_good():
    with answering(b"220 mx.example.net ESMTP\r\n", after_request=False) as port:
        result = network.next_hops([("127.0.0.1", port)])
    assert (result.state, result.code) == ("ok", "next-hop.greets")


def test_a_next_hop_that_refuses_to_talk_is_bad_with_its_words():
    with answering(b"554 5.7.1 No access\r\n", after_request=False) as port:
        result = network.next_hops([("127.0.0.1", port)])
    assert (result.state, result.code) == ("bad", "next-hop.unreachable")
    assert "No access" in result.facts["cause"]


def test_of_several_next_hops_the_silent_one_is_named(closed_port):
    with answering(b"220 mx.example.net ESMTP\r\n", after_request=False) as port:
        result = network.next_hops([("127.0.0.1", port), ("127.0.0.1", closed_port)])
    assert (result.code, result.facts["port"]) == ("next-hop.unreachable", closed_port)


def test_the_port_for_returns_is_good_where_it_greets(settings):
    with answering(b"220 mx.test ESMTP\r\n", after_request=False) as port:
        settings.INBOUND_HOST, settings.INBOUND_PORT = "127.0.0.1", port
        result = network.inbound()
    assert (result.state, result.code) == ("ok", "inbound.greets")


def test_the_port_for_returns_is_to_be_mended_where_it_is_silent(settings, closed_port):
    settings.INBOUND_HOST, settings.INBOUND_PORT = "127.0.0.1", closed_port
    result = network.inbound()
    assert (result.state, result.code) == ("bad", "inbound.away")


def test_without_a_port_for_returns_nothing_is_asked(settings):
    settings.INBOUND_PORT = 0
    assert network.inbound().code == "inbound.off"
