"""The database or Redis goes away and comes back; the relay goes on without a restart."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import OperationalError, transaction

from smtp_gateway import queue, wake
from smtp_gateway.models import Attempt, Delivery, RelayProcess
from smtp_gateway.relay.dispatch import LaneLimits
from tests.smtp_gateway.queued import enqueue, make_submission, states
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import (
    Proxy,
    Queue,
    database_url,
    proxy_to_database,
    relay_process,
    running_relay,
)
from tests.smtp_gateway.relay.sending import until


async def test_the_database_may_be_away_at_the_start_in_the_middle_and_at_the_end(
    database: Queue, tmp_path: Path
) -> None:
    proxy = proxy_to_database()
    await proxy.open()
    await proxy.cut()
    may_answer = asyncio.Event()
    queue_id = await database.do(enqueue, "a@x.test")
    hop = ScriptedHop(gate=may_answer)
    async with (
        hop.running(),
        relay_process(
            tmp_path / "log",
            RELAY_URL=f"smtp://127.0.0.1:{hop.port}",
            DATABASE_URL=database_url("127.0.0.1", proxy.port),
        ) as relay,
    ):
        await until(lambda: "relay.database_away" in relay.log, seconds=20)
        await proxy.open()
        await until(lambda: "DATA" in hop.verbs, seconds=10)
        await proxy.cut()
        may_answer.set()
        await until(lambda: "attempt.relayed" in relay.log)
        assert await database.do(states, queue_id) == [("a@x.test", "leased")]
        await proxy.open()
        await database.until(lambda: states(queue_id) == [("a@x.test", "relayed")])
        await proxy.cut()
        assert await relay.stop() == 0
    assert len(hop.taken) == 1
    assert await database.do(Attempt.objects.count) == 1


async def test_polling_finds_mail_while_redis_is_away_and_hints_come_again_with_it(
    database: Queue, tmp_path: Path
) -> None:
    proxy = Proxy(unquote(urlsplit(settings.REDIS_URL).path))
    await proxy.open()
    await proxy.cut()
    connections = proxy.connections
    async with relay_process(
        tmp_path / "log", REDIS_URL=f"redis://127.0.0.1:{proxy.port}/0"
    ) as relay:
        await until(lambda: "wake.redis_away" in relay.log, seconds=15)
        queue_id = await database.do(enqueue, "a@x.test")
        await database.until(lambda: states(queue_id) == [("a@x.test", "relayed")], 3)
        await proxy.open()
        await until(lambda: proxy.connections > connections)
        assert await relay.stop() == 0
    await proxy.cut()


async def test_a_hint_wakes_the_relay_long_before_it_would_poll(database: Queue) -> None:
    limits = LaneLimits(poll_seconds=60)
    async with running_relay(limits=limits, hints=wake.hints):
        await asyncio.sleep(0)
        queue_id = await database.do(enqueue, "a@x.test")

        def is_relayed() -> bool:
            wake.send_hint()
            return states(queue_id) == [("a@x.test", "relayed")]

        await database.until(is_relayed, 5)


async def test_a_lease_that_is_committed_long_after_its_answer_was_lost_strands_no_mail(
    database: Queue,
) -> None:
    @transaction.atomic
    def leased_behind_its_back(relay_id: int) -> str:
        queue_id = enqueue("a@x.test")
        Delivery.objects.update(state="leased", leased_by=relay_id)
        return queue_id

    limits = LaneLimits(poll_seconds=0.05, keep_seconds=0.1)
    async with ScriptedHop().running() as hop, running_relay(hop, limits=limits):
        await database.until(RelayProcess.objects.exists)
        relay = await database.do(RelayProcess.objects.get)
        queue_id = await database.do(leased_behind_its_back, relay.pk)
        await database.until(lambda: states(queue_id) == [("a@x.test", "relayed")], 5)
    assert len(hop.taken) == 1


async def test_what_is_being_relayed_stays_in_hand_however_often_that_is_looked_at(
    database: Queue,
) -> None:
    may_answer = asyncio.Event()
    queue_id = await database.do(enqueue, "a@x.test")
    limits = LaneLimits(poll_seconds=0.01, keep_seconds=0)
    async with (
        ScriptedHop(gate=may_answer).running() as hop,
        running_relay(hop, limits=limits),
    ):
        await until(lambda: "DATA" in hop.verbs)
        other = await database.do(enqueue, mail_type="batch")
        may_answer.set()
        await database.until(lambda: states(other)[0][1] == "relayed")
        await database.until(lambda: states(queue_id)[0][1] == "relayed")
    assert len(hop.taken) == 2


async def test_nothing_begins_while_outcomes_cannot_be_recorded_and_all_goes_on_at_once(
    database: Queue,
) -> None:
    is_back, tries = threading.Event(), []

    def record(relay_id: int, outcomes: Sequence[queue.Outcome]) -> set[int]:
        tries.append(len(outcomes))
        if not is_back.is_set():
            raise OperationalError("away")
        return queue.record(relay_id=relay_id, outcomes=outcomes)

    await database.do(queue.accept, [make_submission() for _ in range(200)])
    async with (
        ScriptedHop(delay=0.01).running() as hop,
        running_relay(hop, connections=4, record=record),
    ):
        try:
            await until(lambda: len(tries) > 3, 15)
            taken = len(hop.taken)
            await until(lambda: len(tries) > 4, 15)
            # What a kill now would have sent again.
            assert len(hop.taken) == taken < 100
        finally:
            is_back.set()
        await database.until(lambda: not Delivery.objects.exclude(state="relayed").exists(), 20)
    assert len(hop.taken) == 200
