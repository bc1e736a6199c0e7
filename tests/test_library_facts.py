"""Oddities of libraries that the code relies on: an upgrade that changes one fails loudly."""

import asyncio
import contextlib
import inspect
import ssl

import pytest
import uvloop
from aiosmtpd.smtp import SMTP
from argon2 import PasswordHasher
from django.db import connections

from smtp_gateway.relay.peer_chain import peer_chain
from tests.smtp_gateway.relay.internet.authority import Authority


def full_parser(text: str) -> tuple[str | None, str | None]:
    return SMTP._getaddr(object.__new__(SMTP), text)


def test_aiosmtpd_reads_paths_without_a_constructed_session() -> None:
    """address.parse_path hands it what is rare; our sessions skip aiosmtpd's constructor."""
    assert full_parser('<"a b"@c.example> SIZE=1') == ('"a b"@c.example', "SIZE=1")


def test_aiosmtpd_gives_the_null_sender_as_brackets() -> None:
    """MAIL looks for it before any parser does."""
    assert full_parser("<>") == ("<>", "")


def test_aiosmtpd_does_not_mind_an_open_bracket() -> None:
    """address._parse_in_full checks the bracket itself."""
    assert full_parser("<a@b.example") == ("a@b.example", "")


def test_aiosmtpd_finds_no_address_in_unfinished_paths() -> None:
    """address._parse_in_full expects IndexError, which Python raises here before 3.13."""
    for text in ("<", "<a@", '<"'):
        with contextlib.suppress(IndexError):
            assert "@" not in (full_parser(text)[0] or "")


def test_aiosmtpd_reads_paths_like_header_fields() -> None:
    """address._parse_in_full wants quotes there, or the very text."""
    assert full_parser("<a b@c.example>") == ('"a b"@c.example', "")


def test_aiosmtpd_cancels_the_session_at_end_of_file() -> None:
    """So eof_received is ours: a half-close must not cancel a commit."""
    assert "cancel()" in inspect.getsource(SMTP.eof_received)


def test_aiosmtpd_scans_its_members_for_each_connection() -> None:
    """So the constructor is not called, and the table of commands is made once."""
    assert "inspect.getmembers" in inspect.getsource(SMTP.__init__)


def test_argon2_takes_the_parameters_from_the_hash() -> None:
    """Hashes made with other settings are verified all the same."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    assert PasswordHasher().verify(cheap.hash("password"), "password")


def test_the_pool_is_shared_by_all_threads_and_bounded() -> None:
    """One pool per process: the bridge's threads keep one connection of it each."""
    pool = connections["default"].settings_dict["OPTIONS"]["pool"]
    assert pool["timeout"] <= 5
    assert pool["reconnect_timeout"] <= 5


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_accepted_sockets_have_nodelay(loop_factory) -> None:
    """Without it each EHLO waits 40 ms; a socket made by hand with protocol 0 would lose it."""

    async def nodelay() -> int:
        seen: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        class Protocol(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                seen.set_result(transport.get_extra_info("socket").getsockopt(6, 1))
                transport.close()

        server = await asyncio.get_running_loop().create_server(Protocol, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            result = await seen
            writer.close()
            await writer.wait_closed()
        return result

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert runner.run(nodelay())


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_peers_unverified_chain_can_be_seen(loop_factory) -> None:
    """DANE is checked against it; it is public from Python 3.13 on, and was inside before."""
    authority = Authority("An authority")
    leaf = authority.leaf("mx.test")

    async def seen() -> list[bytes]:
        server = await asyncio.start_server(
            lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=leaf.server_context
        )
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        async with server:
            port = server.sockets[0].getsockname()[1]
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            chain = peer_chain(writer.get_extra_info("ssl_object"))
            writer.transport.abort()
        return chain

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert runner.run(seen()) == leaf.chain_der
