"""Direct delivery as the settings say."""

from typing import Any

import pytest

from smtp_gateway.relay.mx.delivery import DirectDelivery
from smtp_gateway.relay.mx.servers import InvalidDnsServer
from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.mx.opening import opened
from tests.smtp_gateway.relay.running import Queue


@pytest.fixture
def delivery(internet: Internet, database: Queue, settings: Any) -> DirectDelivery:
    settings.DNS_SERVERS = [internet.names.server]
    settings.DNS_VALIDATES = True
    settings.MX_PORT = internet.port
    return DirectDelivery(database.bridge)


async def test_a_mail_is_delivered_by_the_dns_of_the_settings(
    internet: Internet, delivery: DirectDelivery
) -> None:
    hop = await internet.host("mx.x.test", starttls=True)
    internet.domain("x.test", "mx.x.test")
    internet.sign("test")
    internet.name_certificate("mx.x.test")
    session = await opened(internet, opener=delivery.opener(source_ipv4="127.0.7.7"))
    assert (session.tls_result, hop.peers) == ("dane", ["127.0.7.7"])


async def test_openers_share_what_they_know(internet: Internet, delivery: DirectDelivery) -> None:
    await internet.host("mx.x.test")
    internet.domain("x.test", "mx.x.test")
    for number in (1, 2):
        await opened(internet, opener=delivery.opener(source_ipv4=f"127.0.7.{number}"))
    assert delivery.opener() is delivery.opener()
    assert internet.names.count("x.test", "MX") == 1


def test_a_server_that_is_no_address_is_told(settings: Any, database: Queue) -> None:
    settings.DNS_SERVERS = ["dns.example.com"]
    with pytest.raises(InvalidDnsServer):
        DirectDelivery(database.bridge)
