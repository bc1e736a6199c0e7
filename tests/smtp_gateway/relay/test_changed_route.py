"""A route that is changed while its mail is in hand."""

import asyncio
from dataclasses import replace

from smtp_gateway import queue
from smtp_gateway.models import Delivery
from smtp_gateway.relay.couriers import Couriers
from smtp_gateway.relay.next_hop import NextHop
from smtp_gateway.relay.routing import Routing
from tests.smtp_gateway.queued import make_submission
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import LADDERS, open_to, until
from tests.smtp_gateway.relay.test_destinations import make_routing, route_to


class Routes:
    """What an operator changes."""

    def __init__(self, routing: Routing) -> None:
        self.routing = routing

    async def current(self) -> Routing:
        return self.routing


def kept() -> int:
    return Delivery.objects.filter(state="relayed").count()


async def test_mail_in_hand_that_was_not_begun_goes_the_new_way(database: Queue) -> None:
    await database.do(queue.accept, [make_submission(f"{n}@x.test") for n in range(5)])
    hop = ScriptedHop(gate=asyncio.Event())
    async with hop.running() as old, ScriptedHop().running() as new:
        route = route_to(old, "x.test", max_connections=1)
        routes = Routes(make_routing(route))
        async with running_relay(routes=routes.current):
            await until(lambda: old.complete == 1)
            changed = replace(route, hop=NextHop(new.host, new.port))
            routes.routing = make_routing(changed)
            await until(lambda: len(new.taken) == 4)
            assert old.gate is not None
            old.gate.set()
            await until(lambda: old.taken)
            # Nothing else will ever go over it.
            await until(lambda: not old.open_now)
    assert (len(old.taken), len(new.taken)) == (1, 4)


async def test_mail_in_hand_of_a_route_that_is_switched_off_takes_the_next(
    database: Queue,
) -> None:
    await database.do(queue.accept, [make_submission(f"{n}@x.test") for n in range(5)])
    async with ScriptedHop(gate=asyncio.Event()).running() as old:
        routes = Routes(make_routing(route_to(old, "x.test", max_connections=1)))
        async with running_relay(routes=routes.current, finish_seconds=0.1):
            await until(lambda: old.complete == 1)
            routes.routing = make_routing()
            await database.until(lambda: kept() == 4)


def test_a_destination_that_one_lane_needs_is_not_forgotten_by_the_other() -> None:
    couriers = Couriers(open_to, LADDERS)
    route = route_to(ScriptedHop(port=25), "x.test")
    courier = couriers.to(route, "")
    couriers._used_at[route.route_id, ""] = float("-inf")
    couriers.prune("batch", [courier])
    couriers.prune("trigger", [])
    assert couriers.to(route, "") is courier
