"""Connections to the smarthost are kept, and one that ended meanwhile costs no attempt."""

import asyncio
from dataclasses import replace

import pytest

from smtp_gateway.queue import Outcome
from smtp_gateway.relay.attempt import Courier
from smtp_gateway.relay.pool import PoolLimits
from smtp_gateway.relay.session import Timeouts
from tests.smtp_gateway.relay.next_hop import DROP, HANG, USUAL, ScriptedHop
from tests.smtp_gateway.relay.sending import (
    CONTENT,
    IMPATIENT,
    hop_at,
    make_courier,
    make_delivery,
    until,
)


async def one(courier: Courier, recipient: str = "to@example.net") -> Outcome:
    (outcome,) = await courier.relay([make_delivery(recipient)], {1: CONTENT})
    return outcome


async def test_mails_share_a_connection() -> None:
    async with ScriptedHop().running() as hop:
        courier = make_courier(hop_at(hop))
        for _ in range(3):
            assert (await one(courier)).name == "relayed"
        courier.destination.pool.close()
        await until(lambda: hop.open_now == 0)
    assert (hop.connections, len(hop.taken)) == (1, 3)
    assert hop.verbs == ["EHLO", *["MAIL", "RCPT", "DATA"] * 3, "QUIT"]


@pytest.mark.parametrize("extensions", [USUAL, ()], ids=["pipelined", "one by one"])
async def test_a_refused_mail_is_followed_by_rset_on_the_same_connection(
    extensions: tuple[str, ...],
) -> None:
    def script(verb: str, argument: str) -> str | None:
        return "550 5.1.1 No" if argument.startswith("gone@") else None

    async with ScriptedHop(script, extensions).running() as hop:
        courier = make_courier(hop_at(hop))
        assert (await one(courier, "gone@a.test")).name == "bounced"
        assert (await one(courier, "good@a.test")).name == "relayed"
        courier.destination.pool.close()
    assert (hop.connections, [mail.recipients for mail in hop.taken]) == (1, [("good@a.test",)])
    assert "RSET" in hop.verbs


@pytest.mark.parametrize("extensions", [USUAL, ()], ids=["pipelined", "one by one"])
@pytest.mark.parametrize("ending", ["421 4.4.2 Idle for too long", DROP])
async def test_a_kept_connection_that_ended_costs_no_attempt(
    ending: str, extensions: tuple[str, ...]
) -> None:
    mails = 0

    def script(verb: str, argument: str) -> str | None:
        nonlocal mails
        mails += verb == "MAIL"
        return ending if verb == "MAIL" and mails == 2 else None

    async with ScriptedHop(script, extensions).running() as hop:
        courier = make_courier(hop_at(hop))
        assert [(await one(courier)).name for _ in range(2)] == ["relayed", "relayed"]
        courier.destination.pool.close()
    assert (hop.connections, len(hop.taken)) == (2, 2)


async def test_a_fresh_connection_that_ends_at_once_does_cost_the_attempt() -> None:
    def script(verb: str, argument: str) -> str | None:
        return "421 4.3.2 Going down" if verb == "MAIL" else None

    async with ScriptedHop(script).running() as hop:
        courier = make_courier(hop_at(hop))
        assert (await one(courier)).name == "deferred"
        courier.destination.pool.close()
    assert hop.connections == 1


async def test_a_connection_that_the_server_closed_while_idle_is_not_used() -> None:
    async with ScriptedHop().running() as hop:
        courier = make_courier(hop_at(hop))
        await one(courier)
        port = hop.port
    async with ScriptedHop(port=port).running() as again:
        assert (await one(courier)).name == "relayed"
        courier.destination.pool.close()
    assert (hop.connections, again.connections) == (1, 1)


async def test_an_idle_connection_is_closed_after_a_while() -> None:
    async with ScriptedHop().running() as hop:
        limits = PoolLimits(4, idle_seconds=0.05)
        await one(make_courier(hop_at(hop), limits=limits))
        await until(lambda: hop.open_now == 0)
    assert hop.verbs[-1] == "QUIT"


async def test_a_connection_is_replaced_after_so_many_mails() -> None:
    async with ScriptedHop().running() as hop:
        courier = make_courier(hop_at(hop), limits=PoolLimits(4, mails_per_connection=2))
        for _ in range(5):
            assert (await one(courier)).name == "relayed"
        courier.destination.pool.close()
    assert (hop.connections, len(hop.taken)) == (3, 5)


async def test_connections_are_bounded_and_each_lane_leaves_the_other_some() -> None:
    async with ScriptedHop().running() as hop:
        pool = make_courier(hop_at(hop), limits=PoolLimits(4)).destination.pool
        held = [asyncio.create_task(_hold(pool.places.hold("batch"))) for _ in range(9)]
        await asyncio.sleep(0)
        async with asyncio.timeout(1), pool.places.hold("trigger"):
            pass
        for task in held:
            task.cancel()
        results = await asyncio.gather(*held, return_exceptions=True)
    assert len(results) == 9


async def _hold(place: object) -> None:
    async with place:  # type: ignore[attr-defined]
        await asyncio.Event().wait()


@pytest.mark.parametrize("connections", [1, 2, 4])
async def test_the_lanes_together_have_no_more_connections_than_allowed(connections: int) -> None:
    gate = asyncio.Event()
    async with ScriptedHop(gate=gate).running() as hop:
        courier = make_courier(hop_at(hop), limits=PoolLimits(connections))

        async def one_in(lane: str) -> Outcome:
            async with courier.destination.pool.places.hold(lane):
                return await one(courier)

        tasks = [asyncio.create_task(one_in(lane)) for lane in ("trigger", "batch") * 4]
        await until(lambda: hop.complete == connections)
        gate.set()
        assert {outcome.name for outcome in await asyncio.gather(*tasks)} == {"relayed"}
        courier.destination.pool.close()
    assert hop.connections == connections


async def test_with_one_connection_the_lanes_take_turns() -> None:
    async with ScriptedHop().running() as hop:
        courier = make_courier(hop_at(hop), limits=PoolLimits(1))

        async def one_in(lane: str) -> Outcome:
            async with courier.destination.pool.places.hold(lane):
                return await one(courier, f"to@{lane}.test")

        lanes = ["batch"] * 5 + ["trigger"] * 2
        await asyncio.gather(*[one_in(lane) for lane in lanes])
        courier.destination.pool.close()
    order = [mail.recipients[0].split("@")[1] for mail in hop.taken]
    assert order.index("trigger.test") <= 1


async def test_a_next_hop_that_says_nothing_costs_the_mails_in_hand_one_wait_together() -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if verb == "CONNECT" and not is_back else None

    is_back = False
    async with ScriptedHop(script).running() as hop:
        limits = PoolLimits(1, hold_seconds=60)
        courier = make_courier(hop_at(hop), limits=limits, timeouts=replace(IMPATIENT, reply=0.5))

        async def one_in_turn() -> Outcome:
            async with courier.destination.pool.places.hold("trigger"):
                return await one(courier)

        outcomes = await asyncio.gather(*[one_in_turn() for _ in range(20)])
        assert hop.connections == 1
        assert {(o.name, o.reason_code) for o in outcomes} == {("deferred", "next-hop-timeout")}
        assert len({o.reason for o in outcomes}) == 1
        # No longer than the failure took is nobody let through.
        is_back = True
        async with asyncio.timeout(5):
            while (await one(courier)).name != "relayed":  # noqa: ASYNC110 - time passes
                await asyncio.sleep(0.01)
        courier.destination.pool.close()


async def test_a_connection_too_many_holds_up_no_mail_while_another_works() -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if verb == "CONNECT" and hop.connections == 2 else None

    hop = ScriptedHop(script, gate=asyncio.Event())
    async with hop.running():
        courier = make_courier(
            hop_at(hop), timeouts=Timeouts(connect=10, reply=0.2, data_block=10, final_dot=10)
        )
        first = asyncio.create_task(one(courier))
        await until(lambda: hop.complete == 1)
        assert (await one(courier)).reason_code == "next-hop-timeout"
        third = asyncio.create_task(one(courier))
        await until(lambda: hop.complete == 2)
        assert hop.gate is not None
        hop.gate.set()
        assert [(await task).name for task in (first, third)] == ["relayed", "relayed"]
        courier.destination.pool.close()


async def test_who_asks_for_a_retry_does_not_get_the_failure_of_others() -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if verb == "CONNECT" and hop.connections == 1 else None

    async with ScriptedHop(script).running() as hop:
        limits = PoolLimits(1, hold_seconds=60)
        courier = make_courier(hop_at(hop), limits=limits, timeouts=replace(IMPATIENT, reply=1))
        assert (await one(courier)).name == "deferred"
        courier.destination.release()
        assert (await one(courier)).name == "relayed"
        courier.destination.pool.close()
