"""A relay without a share of a destination's connections beside one that has it."""

from typing import Any

import pytest

from smtp_gateway import queue
from smtp_gateway.models import Delivery
from smtp_gateway.relay.destination import Destination, Whither
from smtp_gateway.relay.dispatch import LaneLimits
from smtp_gateway.relay.pool import Pool, PoolLimits
from smtp_gateway.relay.registration import Rhythm
from smtp_gateway.relay.routing import RouteSpec
from smtp_gateway.relay.shares import Rank
from tests.smtp_gateway.queued import enqueue, make_submission
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import open_to, until
from tests.smtp_gateway.relay.test_destinations import make_routing, route_to, waiting

SECOND = Rank(1, 2)
QUICK = Rhythm(beat=0.02, dead=600)


def has_a_share(route: RouteSpec) -> bool:
    """Whether the second of two relays may connect there."""
    whither = Whither(route)
    return Destination(whither, Pool(open_to(whither), PoolLimits(1)), SECOND).wait() is None


def route_of_the_first(hop: ScriptedHop) -> RouteSpec:
    """One connection, which is another relay's."""
    numbered = (
        RouteSpec(number, "x", "smarthost", route_to(hop, "x").hop, max_connections=1)
        for number in range(1, 100)
    )
    return next(route for route in numbered if not has_a_share(route))


def as_it_is() -> tuple[Any, ...]:
    """What postponing changes of the mail that came last."""
    return Delivery.objects.values_list("lane", "next_attempt_at", "reason_code").latest("id")


async def know_its_rank(database: Queue, woken: list[str]) -> None:
    """Sends mail until the first is left to the other relay: before, each believes to be alone."""

    async def is_left() -> bool:
        await database.do(enqueue, "probe@x.test")
        return bool(woken)

    while not await is_left():
        await database.until(lambda: not Delivery.objects.filter(state="leased").exists(), 60)


@pytest.mark.parametrize("mail_type", ["trigger", "batch"])
async def test_it_leaves_mail_to_the_other_as_due_as_it_was_and_wakes_it(
    database: Queue, mail_type: str
) -> None:
    await database.do(queue.register_relay, host="elsewhere", pid=1)
    woken: list[str] = []
    async with ScriptedHop().running() as hop:
        routing = make_routing(route_of_the_first(hop))
        async with running_relay(routing=routing, rhythm=QUICK, wake=woken.append):
            await know_its_rank(database, woken)
            await database.do(lambda: Delivery.objects.filter(state="queued").delete())
            taken, before = len(hop.taken), woken.count(mail_type)
            await database.do(enqueue, "to@x.test", mail_type=mail_type)
            await until(lambda: woken.count(mail_type) > before, seconds=60)
            first = await database.do(as_it_is)
            await until(lambda: woken.count(mail_type) > before + 2, seconds=60)
            assert await database.do(as_it_is) == first
    assert (first[0], len(hop.taken)) == (mail_type, taken)
    assert first[2] != "destination-elsewhere"


async def test_a_backlog_that_is_the_others_is_out_of_its_way_for_a_while(database: Queue) -> None:
    await database.do(queue.register_relay, host="elsewhere", pid=1)
    woken: list[str] = []
    limits = LaneLimits(lease=10, poll_seconds=0.05)
    async with ScriptedHop().running() as hop:
        routing = make_routing(route_of_the_first(hop))
        async with running_relay(routing=routing, rhythm=QUICK, limits=limits, wake=woken.append):
            await know_its_rank(database, woken)
            await database.do(queue.accept, [make_submission(f"{n}@x.test") for n in range(50)])
            await database.until(lambda: waiting("destination-elsewhere"), 60)
