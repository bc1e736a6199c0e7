"""Listening sockets that processes share: exclusive towards others, and without Nagle's delay."""

import asyncio
import socket
from collections.abc import Callable

import pytest
import uvloop

from smtp_gateway.submission.listening import (
    Listener,
    PortTaken,
    close_sockets,
    open_sockets,
)


def test_each_process_gets_its_own_socket_on_the_same_port() -> None:
    opened = open_sockets(Listener("127.0.0.1", 0, "SMTP_PORT"), processes=3)
    try:
        sockets = [each for (each,) in opened]
        assert len({each.fileno() for each in sockets}) == 3
        assert len({each.getsockname() for each in sockets}) == 1
        assert all(each.proto == socket.IPPROTO_TCP for each in sockets)
    finally:
        close_sockets(opened)


@pytest.mark.parametrize("shares", [False, True])
def test_a_port_that_another_process_has_is_refused_even_if_it_would_share(shares: bool) -> None:
    with socket.socket() as foreign:
        foreign.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shares)
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        port = foreign.getsockname()[1]
        with pytest.raises(PortTaken) as refusal:
            open_sockets(Listener("127.0.0.1", port, "SMTPS_PORT"), processes=2)
    assert str(refusal.value) == (
        f"Cannot listen on 127.0.0.1 port {port} (Address already in use): "
        "set SMTPS_PORT to a free port."
    )


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("192.0.2.1", 0, "Cannot assign requested address"),
        ("127.0.0.1", 70000, "0-65535"),
        ("no.such.host.invalid", 0, "known"),
    ],
)
def test_what_cannot_be_listened_on_is_one_sentence(host: str, port: int, reason: str) -> None:
    with pytest.raises(PortTaken, match=reason):
        open_sockets(Listener(host, port, "SMTP_PORT"))


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_accepted_connections_wait_for_no_more_bytes(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def accept() -> int:
        loop = asyncio.get_running_loop()
        ((listening,),) = open_sockets(Listener("127.0.0.1", 0, "SMTP_PORT"))
        accepted = loop.create_future()

        class Noting(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                connection = transport.get_extra_info("socket")
                accepted.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                transport.close()  # type: ignore[attr-defined]

        server = await loop.create_server(Noting, sock=listening)
        with socket.create_connection(listening.getsockname()):
            no_delay = await accepted
        server.close()
        await server.wait_closed()
        return no_delay

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(accept()) != 0
