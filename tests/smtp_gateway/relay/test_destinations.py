"""Destinations beside each other: what is wrong with one keeps nothing from another."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery
from smtp_gateway.relay import crew
from smtp_gateway.relay.dispatch import LaneLimits
from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.routing import RouteSpec, Routing
from tests.smtp_gateway.queued import enqueue, make_submission, states
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import VERY_PATIENT, until

GREYLISTING = "451 4.7.1 Too many mails, try again in 60 seconds"


def make_routing(*routes: RouteSpec) -> Routing:
    return Routing(
        routes=routes,
        default=RouteSpec(0, "nowhere", "mailbox"),
        allow_unverified_domains=True,
        domain_is_verified=lambda domain: False,
    )


def route_to(hop: ScriptedHop, domain: str, **changes: object) -> RouteSpec:
    """Takes the mail for `domain`; the hop's port is its id."""
    values = {"hop": NextHop(hop.host, hop.port), "recipient_domains": (domain,), **changes}
    return RouteSpec(hop.port, domain, "smarthost", **values)  # type: ignore[arg-type]


def waiting(code: str) -> Sequence[tuple[int, str]]:
    """Attempts and reasons of what waits for that reason."""
    rows = Delivery.objects.filter(state="queued", reason_code=code)
    return list(rows.values_list("attempt_count", "reason"))


async def test_each_mail_goes_the_way_of_its_route(database: Queue) -> None:
    queue_id = await database.do(enqueue, "a@one.test", "b@two.test", "c@three.test")
    async with ScriptedHop().running() as one, ScriptedHop().running() as two:
        routing = make_routing(route_to(one, "one.test"), route_to(two, "two.test"))
        async with running_relay(routing=routing):
            await database.until(lambda: {state for _, state in states(queue_id)} == {"relayed"})
    assert [mail.recipients for mail in one.taken + two.taken] == [("a@one.test",), ("b@two.test",)]
    kept = await database.do(lambda: Attempt.objects.get(delivery__recipient="c@three.test").route)
    assert kept == "nowhere"


async def test_a_slow_destination_leaves_room_for_the_mail_of_others(database: Queue) -> None:
    slow_mails = [make_submission(f"{number}@slow.test") for number in range(300)]
    await database.do(queue.accept, slow_mails)
    limits = LaneLimits(lease=50, in_hand=100, kept_when_slow=20, poll_seconds=0.05)
    async with ScriptedHop(delay=1).running() as slow, ScriptedHop().running() as quick:
        routing = make_routing(
            route_to(slow, "slow.test", max_connections=2), route_to(quick, "quick.test")
        )
        async with running_relay(routing=routing, limits=limits):
            await until(lambda: slow.complete >= 2)
            await database.do(enqueue, "now@quick.test")
            await until(lambda: quick.taken, seconds=15)
            assert slow.complete < 40
            waits = await database.do(waiting, "destination-busy")
    assert {attempts for attempts, _ in waits} == {0}
    assert waits[0][1] == (f"More mail waits for 127.0.0.1:{slow.port} than it takes at a time.")


async def test_mail_that_does_not_begin_for_long_waits_in_the_queue_and_says_why(
    database: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_SOON_SECONDS", 1.0)
    await database.do(queue.accept, [make_submission(f"{n}@slow.test") for n in range(5)])
    never = asyncio.Event()
    async with ScriptedHop(gate=never).running() as slow:
        routing = make_routing(route_to(slow, "slow.test", max_connections=1))
        async with running_relay(routing=routing, finish_seconds=0.1, timeouts=VERY_PATIENT):
            await database.until(lambda: len(waiting("destination-busy")) == 4, 60)
    assert slow.complete == 1


async def test_a_destination_that_asks_for_time_is_left_alone(database: Queue) -> None:
    def script(verb: str, argument: str) -> str | None:
        return GREYLISTING if verb == "MAIL" else None

    async with ScriptedHop(script).running() as hop:
        routing = make_routing(route_to(hop, "busy.test"))
        async with running_relay(routing=routing):
            first = await database.do(enqueue, "first@busy.test")
            await database.until(lambda: Attempt.objects.filter(outcome="deferred").exists())
            await database.do(enqueue, "second@busy.test")
            await database.until(lambda: waiting("destination-held"))
        held = await database.do(waiting, "destination-held")
    assert hop.verbs.count("MAIL") == 1
    assert held == [
        (
            0,
            f"127.0.0.1:{hop.port} is left alone for a while. 127.0.0.1:{hop.port} does not take"
            f" the mail now: {GREYLISTING}",
        )
    ]
    assert (await database.do(states, first))[0][1] == "queued"


async def test_mail_whose_lifetime_ends_while_it_waits_expires(database: Queue) -> None:
    def script(verb: str, argument: str) -> str | None:
        return GREYLISTING if verb == "MAIL" else None

    async with ScriptedHop(script).running() as hop:
        routing = make_routing(route_to(hop, "busy.test"))
        async with running_relay(routing=routing):
            await database.do(enqueue, "first@busy.test")
            await database.until(lambda: Attempt.objects.filter(outcome="deferred").exists())
            old = make_submission("old@busy.test")
            await database.do(
                lambda: queue.accept([make_submission("x@busy.test", expires_at=old.accepted_at)])
            )
            await database.until(lambda: Attempt.objects.filter(outcome="expired").exists())
        reason = await database.do(lambda: Attempt.objects.get(outcome="expired").reason)
    assert reason.startswith("Given up: its lifetime is over. 127.0.0.1:")


async def test_mail_of_a_route_that_cannot_be_used_waits_and_says_why(database: Queue) -> None:
    broken = RouteSpec(7, "Broken", "smarthost", problem="Its password cannot be read.")
    queue_id = await database.do(enqueue, "to@x.test")
    async with running_relay(routing=make_routing(broken)):
        await database.until(lambda: waiting("route-unusable"))
    assert await database.do(waiting, "route-unusable") == [
        (0, "The route “Broken” cannot be used: Its password cannot be read.")
    ]
    assert await database.do(states, queue_id) == [("to@x.test", "queued")]


async def test_a_destination_gets_no_more_mails_a_minute_than_it_may(database: Queue) -> None:
    await database.do(queue.accept, [make_submission(f"{n}@x.test") for n in range(40)])
    async with ScriptedHop().running() as hop:
        routing = make_routing(route_to(hop, "x.test", mails_per_minute=600))
        async with running_relay(routing=routing):
            await until(lambda: hop.taken)
            begun = time.monotonic()
            await until(lambda: len(hop.taken) >= 21)
            assert time.monotonic() - begun > 1.8


async def test_large_mails_that_wait_for_a_slow_destination_leave_memory_to_others(
    database: Queue,
) -> None:
    large = b"Subject: Large\r\n\r\n" + b"0123456789abcdef\r\n" * 1000
    mails = [make_submission(f"{number}@slow.test", content=large) for number in range(40)]
    await database.do(queue.accept, mails)
    limits = LaneLimits(content_bytes=16 * len(large), poll_seconds=0.05)
    never = asyncio.Event()
    async with ScriptedHop(gate=never).running() as slow, ScriptedHop().running() as quick:
        routing = make_routing(route_to(slow, "slow.test"), route_to(quick, "quick.test"))
        async with running_relay(routing=routing, limits=limits, finish_seconds=0.1):
            await until(lambda: slow.complete >= 4)
            await database.do(enqueue, "now@quick.test", content=large)
            await until(lambda: quick.taken, seconds=10)


async def test_many_slow_destinations_together_leave_room_for_the_mail_of_others(
    database: Queue,
) -> None:
    mails = [make_submission(f"{n}@{n % 8}.slow.test") for n in range(160)]
    await database.do(queue.accept, mails)
    limits = LaneLimits(lease=50, in_hand=100, kept_when_slow=20, poll_seconds=0.05)
    never = asyncio.Event()
    async with ScriptedHop(gate=never).running() as slow, ScriptedHop().running() as quick:
        ways = [
            replace(route_to(slow, f"{n}.slow.test", max_connections=2), route_id=n + 1)
            for n in range(8)
        ]
        routing = make_routing(*ways, route_to(quick, "quick.test"))
        async with running_relay(routing=routing, limits=limits, finish_seconds=0.1):
            await until(lambda: slow.complete >= 8)
            await database.do(enqueue, "now@quick.test")
            await until(lambda: quick.taken, seconds=15)
