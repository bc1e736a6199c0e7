"""How many connections, mails and recipients one client may have, and what it is told then."""

import socket

import pytest

from smtp_gateway.submission.admission import Admission
from smtp_gateway.submission.shared_counts import SharedCounts
from tests.smtp_gateway.submission.limits import ENVELOPE, ended, greeting, has_places
from tests.smtp_gateway.submission.talking import (
    APP,
    MAIL,
    Gateway,
    as_data,
    eventually,
    make_sender,
    plain,
)

FULL = "421 4.3.2 Too many connections; try again later"


@pytest.mark.parametrize("tls", [False, True])
async def test_one_connection_too_many_is_told_so_and_closed(gateway: Gateway, tls: bool) -> None:
    gateway.configure(max_connections=1)
    async with gateway.connect():
        reply, refused = await greeting(gateway, tls=tls)
        assert reply == FULL
        assert await ended(refused)
        refused.writer.close()
    await eventually(gateway.no_connections)
    await eventually(lambda: has_places(gateway))
    async with gateway.connect(tls=tls):
        pass


async def test_connections_of_one_ip_are_limited_save_from_where_nothing_is(
    gateway: Gateway,
) -> None:
    gateway.configure(max_connections_per_ip=1)
    async with gateway.connect(), gateway.connect():
        gateway.configure(unlimited_networks=())
        async with gateway.connect():
            reply, refused = await greeting(gateway)
            assert reply == "421 4.7.0 Too many connections from your IP address"
            refused.writer.close()


async def test_connections_of_one_user_name_are_limited(gateway: Gateway) -> None:
    await gateway.database(lambda: make_sender("other@shop.example"))
    gateway.configure(max_connections_per_sender=1)
    async with gateway.session():
        async with gateway.connect(tls=True) as client:
            assert (await client.talk(["EHLO c", f"AUTH PLAIN {plain()}"]))[1] == (
                "421 4.7.0 Too many connections of this user name"
            )
            assert await ended(client)
        async with gateway.session("other@shop.example"):
            pass
    await eventually(lambda: has_places(gateway))
    async with gateway.session():
        pass


async def test_workers_share_their_limits(gateway: Gateway) -> None:
    counts = SharedCounts(2)
    gateway.services.admission = Admission(counts.row(0))
    gateway.configure(max_connections=2)
    counts.row(1).add_connection()
    async with gateway.connect():
        reply, refused = await greeting(gateway)
        assert reply == FULL
        refused.writer.close()
        counts.forget(1)
        async with gateway.connect():
            pass


async def test_a_place_is_given_back_however_a_connection_ends(gateway: Gateway) -> None:
    gateway.configure(max_connections_per_ip=1, max_connections=1, unlimited_networks=())
    gateway.configure(max_connections_per_sender=1)
    for end in ("quit", "close", "reset", "tls"):
        async with gateway.connect(tls=end == "tls") as client:
            if end == "tls":
                await client.log_in()
            elif end == "quit":
                await client.talk(["QUIT"])
            elif end == "reset":
                client.writer.transport.abort()
        await eventually(lambda: has_places(gateway))
    async with gateway.connect():
        pass


async def test_defaults_allow_a_thousand_sessions_from_this_machine(gateway: Gateway) -> None:
    clients = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(600)]
    clients += [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(400)]

    async def all_are_there() -> bool:
        return len(gateway.services.connections) == 1000

    await eventually(all_are_there)
    for client in clients:
        client.close()
    await eventually(gateway.no_connections)


async def test_after_its_last_mail_a_session_is_asked_to_connect_again(gateway: Gateway) -> None:
    gateway.configure(max_mails_per_session=1)
    async with gateway.session() as client:
        assert (await client.talk([*ENVELOPE, as_data(MAIL)]))[-1].startswith("250 2.0.0")
        assert await client.talk([f"MAIL FROM:<{APP}>"]) == [
            "421 4.7.0 Too many mails on one connection; connect again to send more"
        ]
        assert await ended(client)


async def test_recipients_of_a_session_are_limited(gateway: Gateway) -> None:
    gateway.configure(max_recipients_per_session=2)
    async with gateway.session() as client:
        to = [f"RCPT TO:<ann{number}@home.example>" for number in range(3)]
        replies = await client.talk([f"MAIL FROM:<{APP}>", *to, "DATA", as_data(MAIL)])
        assert replies[3] == (
            "452 4.5.3 Too many recipients on one connection; connect again to send the rest"
        )
        assert replies[-1].startswith("250 2.0.0")
        assert (await client.talk([f"MAIL FROM:<{APP}>"]))[0].startswith("421 4.7.0")


async def test_errors_are_limited(gateway: Gateway) -> None:
    gateway.configure(max_errors=2)
    async with gateway.connect() as client:
        assert (await client.talk(["FOO", "BAR", "BAZ"]))[-1].startswith("500 5.5.1")
        assert await client.reply() == "421 4.7.0 Too many errors; closing connection"
