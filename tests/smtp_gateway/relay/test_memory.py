"""What a relay keeps in memory is bounded by what it has in hand."""

import asyncio
import gc
import weakref

import pytest

from smtp_gateway import queue
from smtp_gateway.models import Delivery
from smtp_gateway.relay import couriers
from smtp_gateway.relay.attempt import Courier
from smtp_gateway.relay.couriers import Couriers
from smtp_gateway.relay.jobs import Batch
from tests.smtp_gateway.queued import enqueue, make_submission
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import until
from tests.smtp_gateway.relay.test_destinations import make_routing, route_to


def slow_ids() -> set[int]:
    mails = Delivery.objects.filter(recipient__endswith="@slow.test")
    return set(mails.values_list("message_id", flat=True))


async def test_a_mail_that_takes_long_keeps_no_other_mail_of_its_lease_in_memory(
    database: Queue,
) -> None:
    mails = [make_submission(f"{n}@quick.test") for n in range(20)]
    await database.do(queue.accept, [make_submission("a@slow.test"), *mails])
    never = asyncio.Event()
    async with ScriptedHop(gate=never).running() as slow, ScriptedHop().running() as quick:
        routing = make_routing(route_to(slow, "slow.test"), route_to(quick, "quick.test"))
        async with running_relay(routing=routing, finish_seconds=0.1):
            await until(lambda: slow.complete and len(quick.taken) == 20)
            await database.until(lambda: Delivery.objects.filter(state="relayed").count() == 20)
            kept = [set(each.contents) for each in gc.get_objects() if type(each) is Batch]
    assert await database.do(slow_ids) in kept
    assert max(map(len, kept)) <= 1


async def test_a_destination_without_mail_for_long_is_forgotten(
    database: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "_REMEMBERED_SECONDS", 0.0)
    made, alive = [], weakref.WeakSet[Courier]()
    make = Couriers._make

    def making(self: Couriers, whither: couriers.Whither) -> Courier:
        alive.add(courier := make(self, whither))
        made.append(whither.name)
        return courier

    monkeypatch.setattr(Couriers, "_make", making)
    async with ScriptedHop().running() as hop:
        routing = make_routing(route_to(hop, "a.test", mails_per_connection=1))
        async with running_relay(routing=routing):
            await database.do(enqueue, "to@a.test")
            await until(lambda: hop.taken)
            assert made

            def is_forgotten() -> bool:
                gc.collect()
                return not alive

            await until(is_forgotten)
