"""A flood of batch mail does not delay trigger mail."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from smtp_gateway import queue
from smtp_gateway.models import Delivery
from smtp_gateway.relay.dispatch import LaneLimits
from tests.smtp_gateway.queued import enqueue, make_submission, states
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay
from tests.smtp_gateway.relay.sending import until


async def test_ten_thousand_batch_mails_do_not_delay_a_trigger_mail(database: Queue) -> None:
    batch = [make_submission(mail_type="batch") for _ in range(10_000)]
    await database.do(queue.accept, batch)
    async with ScriptedHop(delay=0.1).running() as hop, running_relay(hop):
        await until(lambda: len(hop.taken) > 5)
        queue_id = await database.do(enqueue, "now@x.test")
        await database.until(lambda: states(queue_id)[0][1] == "relayed")
        assert len(hop.taken) < 1000


async def test_a_flood_of_trigger_mail_does_not_stop_batch_mail(database: Queue) -> None:
    await database.do(queue.accept, [make_submission() for _ in range(500)])
    async with ScriptedHop(delay=0.1).running() as hop, running_relay(hop):
        await until(lambda: len(hop.taken) > 5)
        queue_id = await database.do(enqueue, "later@x.test", mail_type="batch")
        await database.until(lambda: states(queue_id)[0][1] == "relayed")
        assert len(hop.taken) < 500


async def test_a_lane_holds_no_more_than_its_budget(database: Queue) -> None:
    await database.do(queue.accept, [make_submission() for _ in range(100)])
    limits = LaneLimits(lease=10, in_hand=20, poll_seconds=0.05)
    most = 0

    def leased() -> int:
        return Delivery.objects.filter(state="leased").count()

    async with ScriptedHop(delay=0.02).running() as hop, running_relay(hop, limits=limits):
        while len(hop.taken) < 100:
            most = max(most, await database.do(leased))
    assert 0 < most <= 20


async def test_large_mails_share_a_small_memory(database: Queue) -> None:
    large = [make_submission(content=b"x" * 500_000 + b"\r\n") for _ in range(8)]
    await database.do(queue.accept, large)
    limits = LaneLimits(content_bytes=100_000, poll_seconds=0.05)
    async with ScriptedHop().running() as hop, running_relay(hop, limits=limits):
        await until(lambda: len(hop.taken) == 8)
    assert {len(mail.content) for mail in hop.taken} == {500_002}


async def test_a_message_with_more_recipients_than_a_transaction_takes_goes_in_parts(
    database: Queue,
) -> None:
    limits = LaneLimits(recipients_per_mail=3, poll_seconds=0.05)
    queue_id = await database.do(enqueue, *[f"{n}@x.test" for n in range(8)])
    async with ScriptedHop().running() as hop, running_relay(hop, limits=limits):
        await database.until(lambda: {state for _, state in states(queue_id)} == {"relayed"})
    assert sorted(len(mail.recipients) for mail in hop.taken) == [2, 3, 3]


async def test_however_often_it_is_woken_a_lane_leases_at_its_pace(
    database: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, leases = queue.take, []

    def counted(**what: Any) -> queue.Taken:
        leases.append(what["lane"])
        return take(**what)

    async def hints() -> AsyncIterator[Sequence[str]]:
        while True:
            await asyncio.sleep(0.001)
            yield ("trigger",)

    monkeypatch.setattr(queue, "take", counted)
    limits = LaneLimits(pace_seconds=0.05, poll_seconds=60)
    async with ScriptedHop().running() as hop, running_relay(hop, limits=limits, hints=hints):
        for number in range(10):
            await database.do(enqueue, f"{number}@x.test")
        await until(lambda: len(hop.taken) == 10)
        begun, before = time.monotonic(), leases.count("trigger")
        await until(lambda: leases.count("trigger") - before >= 4)
    assert time.monotonic() - begun > 0.14
    assert leases.count("batch") == 1


async def test_a_sender_with_a_flood_in_the_lane_delays_nobody_elses_few_mails(
    database: Queue,
) -> None:
    flood = [make_submission(f"{n}@flood.test", sender_address="flood@x.test") for n in range(600)]
    few = [make_submission(f"{n}@few.test", sender_address="few@x.test") for n in range(5)]
    await database.do(queue.accept, flood)
    await database.do(queue.accept, few)
    limits = LaneLimits(lease=20, in_hand=40, poll_seconds=0.05)
    async with ScriptedHop(delay=0.002).running() as hop, running_relay(hop, limits=limits):
        await database.until(lambda: not Delivery.objects.exclude(state="relayed").exists(), 30)
    places = [n for n, mail in enumerate(hop.taken) if mail.recipients[0].endswith("@few.test")]
    assert len(places) == 5
    # In the order of acceptance they would be the last of 605.
    assert max(places) < 200
