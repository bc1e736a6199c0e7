"""Logging in to the smarthost with the user and password of RELAY_URL."""

import socket

import psutil
import pytest

from smtp_gateway.queue import Outcome
from tests.smtp_gateway.relay.conftest import Certificate
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.sending import CONTENT, hop_at, make_delivery, make_smarthost

USERS = {"user": "pässword"}


async def relay(hop: ScriptedHop, password: str = USERS["user"]) -> Outcome:
    smarthost = make_smarthost(hop_at(hop, user="user", password=password))
    (outcome,) = await smarthost.relay([make_delivery()], {1: CONTENT})
    smarthost.pool.close()
    return outcome


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN", "CRAM-MD5 plain"])
async def test_plain_or_login_logs_in(mechanisms: str, certificate: Certificate) -> None:
    hop = ScriptedHop(users=USERS, mechanisms=mechanisms, starttls=certificate.server_context)
    async with hop.running():
        outcome = await relay(hop)
    assert (outcome.name, hop.logged_in) == ("relayed", ["user"])
    assert hop.verbs.index("STARTTLS") < hop.verbs.index("AUTH") < hop.verbs.index("MAIL")


async def test_a_wrong_password_defers_and_says_where_to_look() -> None:
    async with ScriptedHop(users=USERS).running() as hop:
        outcome = await relay(hop, "wrong")
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-auth-failed")
    assert "check user and password in RELAY_URL" in outcome.reason
    assert outcome.reply == "535 5.7.8 No such user or password"
    assert "wrong" not in repr(outcome)


async def test_a_server_without_a_mechanism_of_ours_defers() -> None:
    async with ScriptedHop(users=USERS, mechanisms="CRAM-MD5").running() as hop:
        outcome = await relay(hop)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-auth-failed")
    assert "neither AUTH PLAIN nor AUTH LOGIN" in outcome.reason


async def test_the_password_goes_in_the_clear_over_loopback_only() -> None:
    async with ScriptedHop(users=USERS).running() as hop:
        outcome = await relay(hop)
    assert (outcome.name, hop.logged_in) == ("relayed", ["user"])
    if (address := _own_address()) is None:
        pytest.skip("this machine has no address besides loopback")
    async with ScriptedHop(users=USERS, host=address).running() as hop:
        outcome = await relay(hop)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-auth-failed")
    assert outcome.reason.endswith("use smtps:// or a server that offers STARTTLS.")
    assert "AUTH" not in hop.verbs


def _own_address() -> str | None:
    addresses = (a for each in psutil.net_if_addrs().values() for a in each)
    return next(
        (
            a.address
            for a in addresses
            if a.family == socket.AF_INET and not a.address.startswith("127.")
        ),
        None,
    )
