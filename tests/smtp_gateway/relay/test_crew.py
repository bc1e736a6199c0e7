"""The workers of a lane at one destination."""

import asyncio
import time

import pytest

from smtp_gateway.relay import crew as crew_module
from smtp_gateway.relay.crew import Crew
from smtp_gateway.relay.governor import Caps
from smtp_gateway.relay.pool import PoolLimits
from smtp_gateway.relay.registration import Registration, Rhythm
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.sending import hop_at, make_courier, make_delivery, until

CONTENT = b"Subject: x\r\n\r\n"


def make_crew(hop: ScriptedHop) -> Crew:
    return Crew(
        "trigger",
        courier=make_courier(hop_at(hop), limits=PoolLimits(1)),
        registration=Registration(1, Rhythm()),
        record=lambda outcomes: None,
        crashed=asyncio.get_running_loop().create_future(),
    )


async def test_who_waits_for_the_pace_begins_nothing_where_it_is_left_alone_by_then() -> None:
    async with ScriptedHop().running() as hop:
        crew = make_crew(hop)
        governor = crew.destination.governor
        governor.set_caps(Caps(4, interval=0.3))
        groups = [[make_delivery(delivery_id=n, message_id=n)] for n in (1, 2, 3)]
        relaying = asyncio.create_task(crew.relay(groups, dict.fromkeys((1, 2, 3), CONTENT)))
        await until(lambda: hop.taken)
        governor.troubled(time.monotonic(), why="It was busy.", retry_after=60)
        await until(lambda: not crew._workers)
        assert (len(hop.taken), crew.waiting) == (1, 2)
        crew.shed(0, 0)
        await relaying
        crew.courier.destination.pool.close()


async def test_what_was_claimed_ahead_is_not_begun_after_everything_was_dropped() -> None:
    def script(verb: str, argument: str) -> None:
        if argument == "2@x.test":
            hop.gate = asyncio.Event()

    hop = ScriptedHop(script)
    async with hop.running():
        crew = make_crew(hop)
        ids = (1, 2, 3)
        groups = [[make_delivery(f"{n}@x.test", delivery_id=n, message_id=n)] for n in ids]
        relaying = asyncio.create_task(crew.relay(groups, dict.fromkeys(ids, CONTENT)))
        await until(lambda: hop.complete == 2 and not crew.waiting)
        crew.drop()
        hop.gate = None
        await until(lambda: not crew._workers)
        relaying.cancel()
    assert (len(hop.taken), hop.connections) == (1, 1)


async def test_what_waits_for_long_is_shed_but_for_what_has_a_slot_in_the_pace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crew_module, "_SOON_SECONDS", -1.0)
    async with ScriptedHop().running() as hop:
        crew = make_crew(hop)
        governor = crew.destination.governor
        governor.set_caps(Caps(1, interval=600))
        governor.slot(time.monotonic())
        groups = [[make_delivery(delivery_id=n, message_id=n)] for n in (1, 2, 3)]
        relaying = asyncio.create_task(crew.relay(groups, dict.fromkeys((1, 2, 3), CONTENT)))
        await until(lambda: crew._paced)
        assert crew.shed_old() == groups[:2]
        assert crew.waiting == 1
        crew.shed(0, 0)
        await relaying
        crew.drop()
