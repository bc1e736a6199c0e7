"""Large mails to hosts that are slow: they wait by themselves, and say why."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from smtp_gateway import queue
from smtp_gateway.models import Delivery
from smtp_gateway.relay.dispatch import LaneLimits
from smtp_gateway.relay.routing import Routing
from tests.smtp_gateway.queued import enqueue, make_submission
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import VERY_PATIENT, until
from tests.smtp_gateway.relay.test_destinations import make_routing, route_to, waiting

LINE = b"0123456789abcdef\r\n"
# As 14 MiB are to the bytes of a lane.
LARGE = b"Subject: Large\r\n\r\n" + LINE * 10_000
MEDIUM = b"Subject: Medium\r\n\r\n" + LINE * 300
LIMITS = LaneLimits(content_bytes=410_000, poll_seconds=0.05)


def in_hand() -> int:
    return Delivery.objects.filter(state="leased").count()


def running_for_long(routing: Routing) -> AbstractAsyncContextManager[asyncio.Event]:
    return running_relay(routing=routing, limits=LIMITS, finish_seconds=0.1, timeouts=VERY_PATIENT)


async def test_large_mails_to_a_slow_host_stop_no_other_mail(database: Queue) -> None:
    mails = [make_submission(f"{n}@slow.test", content=LARGE) for n in range(3)]
    await database.do(queue.accept, mails)
    never = asyncio.Event()
    async with ScriptedHop(gate=never).running() as slow, ScriptedHop().running() as quick:
        routing = make_routing(route_to(slow, "slow.test"), route_to(quick, "quick.test"))
        async with running_for_long(routing):
            await until(lambda: slow.complete, seconds=60)
            await database.do(enqueue, "small@quick.test")
            await database.do(enqueue, "small@slow.test")
            await database.do(enqueue, "large@quick.test", content=LARGE)
            await until(lambda: len(quick.taken) == 2 and slow.complete == 2, seconds=60)
            await database.until(lambda: len(waiting("destination-busy")) == 2, 60)
            waits = await database.do(waiting, "destination-busy")
    reason = f"More mail waits for 127.0.0.1:{slow.port} than it takes at a time."
    assert waits == [(0, reason)] * 2


async def test_large_mails_to_many_slow_hosts_stop_no_other_mail(database: Queue) -> None:
    mails = [make_submission(f"{n}@{n % 4}.slow.test", content=LARGE) for n in range(12)]
    await database.do(queue.accept, mails)
    never = asyncio.Event()
    async with ScriptedHop(gate=never).running() as slow, ScriptedHop().running() as quick:
        ways = [replace(route_to(slow, f"{n}.slow.test"), route_id=n + 1) for n in range(4)]
        routing = make_routing(*ways, route_to(quick, "quick.test"))
        async with running_for_long(routing):
            await until(lambda: slow.complete == 2, seconds=60)
            await database.do(enqueue, "small@quick.test")
            await database.do(enqueue, "medium@quick.test", content=MEDIUM)
            await until(lambda: len(quick.taken) == 2, seconds=60)
            await database.until(lambda: waiting("relay-full"), 60)
            await database.until(lambda: waiting("destination-busy"), 60)
            full = await database.do(waiting, "relay-full")
            await database.until(lambda: in_hand() == 2, 60)
    assert full[0] == (0, "The relay has no memory left for it: large mails leave slowly.")
