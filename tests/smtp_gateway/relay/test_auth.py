"""Logging in to the smarthost with the user and password of RELAY_URL."""

import pytest

from smtp_gateway.queue import Outcome
from smtp_gateway.relay import wire
from tests.smtp_gateway.relay.conftest import Certificate
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.sending import CONTENT, hop_at, make_courier, make_delivery

USERS = {"user": "pässword"}


async def relay(hop: ScriptedHop, password: str = USERS["user"]) -> Outcome:
    courier = make_courier(hop_at(hop, user="user", password=password))
    (outcome,) = await courier.relay([make_delivery()], {1: CONTENT})
    courier.destination.pool.close()
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
    assert "check user and password of its route" in outcome.reason
    assert outcome.reply == "535 5.7.8 No such user or password"
    assert "wrong" not in repr(outcome)


async def test_a_server_without_a_mechanism_of_ours_defers() -> None:
    async with ScriptedHop(users=USERS, mechanisms="CRAM-MD5").running() as hop:
        outcome = await relay(hop)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-auth-failed")
    assert "neither AUTH PLAIN nor AUTH LOGIN" in outcome.reason


async def test_the_password_goes_in_the_clear_over_loopback_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with ScriptedHop(users=USERS).running() as hop:
        outcome = await relay(hop)
    assert (outcome.name, hop.logged_in) == ("relayed", ["user"])
    # Tests send nothing beyond loopback: this hop only counts as one from elsewhere.
    monkeypatch.setattr(wire, "is_loopback", lambda _peername: False)
    async with ScriptedHop(users=USERS).running() as hop:
        outcome = await relay(hop)
    assert (outcome.name, outcome.reason_code) == ("deferred", "next-hop-auth-failed")
    assert outcome.reason.endswith("choose TLS from the start, or a server that offers STARTTLS.")
    assert "AUTH" not in hop.verbs


@pytest.mark.parametrize(
    ("peername", "expected"),
    [
        (("127.0.0.1", 25), True),
        (("127.9.9.9", 25), True),
        (("::1", 25, 0, 0), True),
        (("192.0.2.1", 25), False),
        (("fe80::1%eth0", 25, 0, 2), False),
        ("", False),
        (None, False),
    ],
)
def test_what_counts_as_loopback(peername: object, expected: bool) -> None:
    assert wire.is_loopback(peername) is expected
