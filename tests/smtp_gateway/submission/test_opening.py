"""Connections that owe a PROXY header or a TLS handshake: counted at once, told of if they fail."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from senders.models import SenderAddress
from smtp_gateway.submission import lifetime, opening
from tests.smtp_gateway.submission.limits import ended, greeting, has_places
from tests.smtp_gateway.submission.talking import Gateway, eventually
from tests.smtp_gateway.submission.test_proxied import GREETING, LISTED, V1, behind, connected
from tests.smtp_gateway.submission.test_recorded_sessions import dialogue, recorded

FULL = "421 4.3.2 Too many connections; try again later"
FULL_OF_IP = "421 4.7.0 Too many connections from your IP address"


async def counted(gateway: Gateway, connections: int) -> None:
    async def are_counted() -> bool:
        return gateway.services.admission._row.connections == connections

    await eventually(are_counted)


@pytest.fixture
async def proxied(sender: SenderAddress, tls_context: ssl.SSLContext) -> AsyncIterator[Gateway]:
    """A gateway that all connections reach through a proxy."""
    async with behind(tls_context, LISTED) as gateway:
        yield gateway


async def test_who_has_not_begun_tls_has_a_place_among_all(gateway: Gateway) -> None:
    gateway.configure(max_connections=1)
    async with connected(gateway, port=1):
        await counted(gateway, 1)
        for tls in (False, True):
            reply, refused = await greeting(gateway, tls=tls)
            assert reply == FULL
            assert await ended(refused)
            refused.writer.close()
    await eventually(lambda: has_places(gateway))
    async with gateway.connect(tls=True):
        await counted(gateway, 1)


async def test_who_is_in_the_middle_of_a_handshake_is_counted_by_ip(gateway: Gateway) -> None:
    gateway.configure(max_connections_per_ip=1, unlimited_networks=())
    async with connected(gateway, port=1) as slow:
        slow.send(b"\x16\x03\x01\x02\x00")
        await counted(gateway, 1)
        reply, refused = await greeting(gateway)
        assert reply == FULL_OF_IP
        refused.writer.close()
    await eventually(lambda: has_places(gateway))


@pytest.mark.parametrize("port", [0, 1])
async def test_who_owes_a_proxy_header_has_a_place_among_all(proxied: Gateway, port: int) -> None:
    proxied.configure(max_connections=1)
    async with connected(proxied, port=port):
        await counted(proxied, 1)
        async with connected(proxied) as refused:
            refused.send(V1)
            assert await refused.reply() == FULL
            assert await ended(refused)
    await eventually(lambda: has_places(proxied))


async def test_with_the_header_the_client_is_counted_and_the_proxy_no_more(
    proxied: Gateway,
) -> None:
    proxied.configure(max_connections_per_ip=1, unlimited_networks=())
    async with connected(proxied, port=1) as slow:
        slow.send(V1)
        await counted(proxied, 1)

        async def is_counted() -> bool:
            return proxied.services.admission._row.count(b"ip\x00192.0.2.7") == 1

        await eventually(is_counted)
        async with connected(proxied) as client:
            client.send(V1)
            assert await client.reply() == FULL_OF_IP
        async with connected(proxied) as client:
            client.send(V1.replace(b"192.0.2.7", b"192.0.2.8"))
            assert await client.reply() == GREETING
    await eventually(lambda: has_places(proxied))


async def test_of_many_that_are_turned_away_only_some_may_finish_their_handshake_to_hear_it(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifetime, "_MOST_TOLD_AT_ONCE", 1)
    gateway.configure(max_connections=1)
    async with connected(gateway, port=1), connected(gateway, port=1):
        await eventually(lambda: _are_turned_away(gateway, 1))
        async with connected(gateway, port=1) as client:
            assert await ended(client)
        reply, refused = await greeting(gateway)
        assert reply == FULL
        refused.writer.close()
    await eventually(lambda: _are_turned_away(gateway, 0))
    await eventually(lambda: has_places(gateway))


async def _are_turned_away(gateway: Gateway, count: int) -> bool:
    return len(gateway.services.turned_away) == count


async def test_a_client_that_talks_in_the_clear_on_the_tls_port_finds_out_in_the_console(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "smtp_gateway")
    async with connected(gateway, port=1) as client:
        client.send("EHLO client.example")
        with contextlib.suppress(ConnectionError):
            assert await ended(client)
    session = await recorded(gateway)
    assert (session.outcome, session.went_well) == ("tls-not-at-once", False)
    assert session.client_ip == "127.0.0.1"
    assert dialogue(session) == [
        "! The client began no TLS handshake, which comes first on this port."
    ]
    assert "tls.failed" in caplog.messages
    failures = gateway.services.metrics.snapshot()["counters"]["tls_failures"]
    assert failures == {"starttls": 0, "implicit": 1}


async def test_so_does_a_client_that_waits_for_a_greeting_there(gateway: Gateway) -> None:
    gateway.configure(handshake_timeout=timedelta(seconds=0.1))
    async with connected(gateway, port=1) as client:
        assert await ended(client)
    assert (await recorded(gateway)).outcome == "tls-not-at-once"


async def test_so_does_one_that_gives_up_waiting_for_it(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_LOOK_SECONDS", -1.0)
    async with connected(gateway, port=1):
        await counted(gateway, 1)
    await eventually(lambda: has_places(gateway))
    assert (await recorded(gateway)).outcome == "tls-not-at-once"


async def test_a_client_that_does_not_trust_the_certificate_finds_out_too(
    proxied: Gateway,
) -> None:
    async with connected(proxied, port=1) as client:
        client.send(V1)
        with pytest.raises(ssl.SSLCertVerificationError):
            await client.writer.start_tls(ssl.create_default_context(), server_hostname="x")
    await eventually(lambda: has_places(proxied))
    session = await recorded(proxied)
    assert (session.outcome, session.client_ip) == ("tls-failed", "192.0.2.7")
    assert session.reply == "TLS handshake failed: the client closed the connection"


async def test_a_handshake_that_takes_too_long_is_given_up(gateway: Gateway) -> None:
    gateway.configure(handshake_timeout=timedelta(seconds=0.1))
    async with connected(gateway, port=1) as client:
        client.send(b"\x16\x03\x01\x02\x00")
        assert await ended(client)
    session = await recorded(gateway)
    assert session.outcome == "tls-failed"
    assert session.reply == "TLS handshake failed: the client took too long"
    assert await has_places(gateway)


async def test_who_looks_whether_the_tls_port_is_open_leaves_no_trace(gateway: Gateway) -> None:
    async with connected(gateway, port=1):
        await counted(gateway, 1)
    await eventually(lambda: has_places(gateway))
    assert gateway.services.metrics.snapshot()["counters"]["tls_failures"]["implicit"] == 0
    async with gateway.connect(tls=True) as client:
        await client.talk(["EHLO client.example", "RSET"])
    assert (await recorded(gateway)).client_name == "client.example"


async def test_a_session_under_tls_sends_without_delay(gateway: Gateway) -> None:
    async with gateway.connect(tls=True):
        (connection,) = gateway.services.connections
        theirs = connection.channel.get_extra_info("socket")  # type: ignore[attr-defined]
        assert theirs.getsockopt(6, 1) == 1


async def test_a_stop_does_not_wait_for_handshakes(
    sender: SenderAddress, tls_context: ssl.SSLContext
) -> None:
    async with behind(tls_context, []) as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.server.ports[1])
        writer.write(b"\x16\x03\x01\x02\x00")
        await counted(gateway, 1)
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 2
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()
