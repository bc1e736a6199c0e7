"""Behind a proxy that sends PROXY headers, on both ports."""

import asyncio
import contextlib
import dataclasses
import ipaddress
import ssl
from collections.abc import AsyncIterator

import pytest

from senders.models import SenderAddress
from smtp_gateway.bridge import Bridge
from smtp_gateway.management.commands.run_gateway import build_services
from smtp_gateway.submission.listening import Listener
from smtp_gateway.submission.server import SubmissionServer
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    Client,
    Gateway,
    as_data,
    eventually,
    insecure_context,
    plain,
)

V1 = b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 587\r\n"
V2 = (b"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24" + ipaddress.ip_address("2001:db8::7").packed
      + bytes(20))  # fmt: skip
GREETING = "220 mail.directmail.test ESMTP DirectMail"
LISTED, UNLISTED = ["127.0.0.0/8"], ["192.0.2.0/24"]


@contextlib.asynccontextmanager
async def behind(tls_context: ssl.SSLContext, proxies: list[str]) -> AsyncIterator[Gateway]:
    bridge = Bridge()
    services = build_services(bridge, tls_context)
    networks = [ipaddress.ip_network(text) for text in proxies]
    services.config = dataclasses.replace(services.config, proxies=networks)
    listeners = [
        Listener("127.0.0.1", 0, "SMTP_PORT"),
        Listener("127.0.0.1", 0, "SMTPS_PORT", implicit_tls=True),
    ]
    try:
        async with SubmissionServer(services, listeners) as server:
            yield Gateway(services, server, bridge)
    finally:
        bridge.close()


@contextlib.asynccontextmanager
async def connected(gateway: Gateway, *, port: int = 0) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.server.ports[port])
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


@pytest.mark.parametrize("port", [0, 1])
@pytest.mark.parametrize(("header", "ip"), [(V1, "192.0.2.7"), (V2, "2001:db8::7")])
async def test_the_client_behind_the_proxy_is_the_peer(
    sender: SenderAddress, tls_context: ssl.SSLContext, port: int, header: bytes, ip: str
) -> None:
    async with behind(tls_context, LISTED) as gateway, connected(gateway, port=port) as client:
        client.send(header)
        if port == 0:
            assert await client.reply() == GREETING
            await client.talk(["EHLO c", "STARTTLS"])
            await client.start_tls()
        else:
            await client.start_tls()
            assert await client.reply() == GREETING
        await client.log_in()
        lines = [f"MAIL FROM:<{APP}>", "RCPT TO:<ann@home.example>", "DATA", as_data(MAIL)]
        assert (await client.talk(lines))[-1].startswith("250 ")
        (message,) = await gateway.messages()
        assert message.client_ip == ip
        shown = f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]"
        assert shown.encode() in bytes(message.content.body).partition(b"\r\n\r\n")[0]


async def test_what_follows_the_header_at_once_is_not_lost(
    sender: SenderAddress, tls_context: ssl.SSLContext
) -> None:
    async with behind(tls_context, LISTED) as gateway:
        async with connected(gateway) as client:
            client.send(V1 + b"NOOP\r\n")
            assert [await client.reply(), await client.reply()] == [GREETING, "250 2.0.0 Ok"]
        hello = ssl.MemoryBIO()
        handshake = insecure_context().wrap_bio(ssl.MemoryBIO(), hello)
        with contextlib.suppress(ssl.SSLWantReadError):
            handshake.do_handshake()
        async with connected(gateway, port=1) as client:
            client.send(V2 + hello.read())
            # A record of TLS that is a handshake: the server's hello.
            assert (await client.reader.readexactly(2)) == b"\x16\x03"


async def test_a_header_may_come_in_pieces(
    sender: SenderAddress, tls_context: ssl.SSLContext
) -> None:
    async with behind(tls_context, LISTED) as gateway:
        for header in (V1, V2):
            async with connected(gateway) as client:
                for octet in header:
                    client.send(bytes([octet]))
                    await client.writer.drain()
                    await asyncio.sleep(0)
                assert await client.reply() == GREETING


async def test_a_proxy_may_speak_for_itself(
    sender: SenderAddress, tls_context: ssl.SSLContext
) -> None:
    async with behind(tls_context, LISTED) as gateway:
        for header in (b"PROXY UNKNOWN\r\n", b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"):
            async with connected(gateway) as client:
                client.send(header)
                assert await client.reply() == GREETING


@pytest.mark.parametrize(
    "said", [b"EHLO client.example\r\n", b"PROXY TCP4 1.2.3.4\r\n", b"\x16\x03"]
)
@pytest.mark.parametrize("port", [0, 1])
async def test_a_listed_proxy_must_say_who_is_behind_it(
    sender: SenderAddress, tls_context: ssl.SSLContext, said: bytes, port: int
) -> None:
    async with behind(tls_context, LISTED) as gateway, connected(gateway, port=port) as client:
        client.send(said)
        with contextlib.suppress(ConnectionResetError):
            assert await client.reader.read() == b""
        assert await gateway.no_connections()


async def test_a_proxy_that_says_nothing_is_not_waited_for(
    sender: SenderAddress, tls_context: ssl.SSLContext
) -> None:
    async with behind(tls_context, LISTED) as gateway:
        gateway.configure(handshake_timeout=gateway.services.config.handshake_timeout / 300)
        async with connected(gateway) as client:
            assert await client.reader.read() == b""


@pytest.mark.parametrize("proxies", [[], UNLISTED])
async def test_nobody_else_is_believed(
    sender: SenderAddress, tls_context: ssl.SSLContext, proxies: list[str]
) -> None:
    async with behind(tls_context, proxies) as gateway:
        async with connected(gateway) as client:
            client.send(V1)
            assert [await client.reply(), await client.reply()] == [
                GREETING,
                "500 5.5.1 Command not recognized",
            ]
        async with connected(gateway, port=1) as client:
            await client.start_tls()
            assert await client.reply() == GREETING
            await client.log_in()


async def test_a_failed_handshake_of_somebody_else_is_not_put_down_to_a_proxy(
    sender: SenderAddress, tls_context: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "smtp_gateway")
    async with behind(tls_context, UNLISTED) as gateway, connected(gateway, port=1) as client:
        client.send(b"EHLO in the clear\r\n")
        with contextlib.suppress(ConnectionError):
            await client.reader.read()

        async def is_logged() -> bool:
            return "tls.failed" in caplog.messages

        assert await eventually(is_logged)
        assert not [event for event in caplog.messages if event.startswith("proxy.")]


async def test_a_client_far_away_is_not_on_this_machine(
    sender: SenderAddress, tls_context: ssl.SSLContext
) -> None:
    async with behind(tls_context, LISTED) as gateway:
        gateway.configure(allow_plaintext_auth_on_loopback=True)
        async with connected(gateway) as client:
            client.send(V1)
            await client.reply()
            replies = await client.talk(["EHLO c", f"AUTH PLAIN {plain()}"])
            assert replies[1].startswith("538 5.7.11")


async def test_after_a_stop_nobody_is_accepted_or_left(
    sender: SenderAddress, tls_context: ssl.SSLContext
) -> None:
    async with behind(tls_context, LISTED) as gateway:
        port = gateway.port
        waiting = await asyncio.open_connection("127.0.0.1", port)
        await eventually(lambda: asyncio.sleep(0, result=True))
    with contextlib.suppress(ConnectionResetError):
        assert await waiting[0].read() == b""
    waiting[1].close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
