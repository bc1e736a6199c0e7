"""A relay stops in order: what is under way ends, what is not begun goes back."""

import asyncio
import signal
import time
from pathlib import Path

from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery, RelayProcess
from tests.smtp_gateway.queued import enqueue, make_submission, states
from tests.smtp_gateway.relay.next_hop import HANG, ScriptedHop
from tests.smtp_gateway.relay.running import Queue, relay_process, running_relay
from tests.smtp_gateway.relay.sending import until


async def test_attempts_under_way_end_and_the_rest_goes_back_untouched(database: Queue) -> None:
    await database.do(queue.accept, [make_submission() for _ in range(50)])
    async with ScriptedHop(delay=0.2).running() as hop:
        async with running_relay(hop, connections=4, finish_seconds=60) as stopping:
            await until(lambda: hop.complete >= 3, seconds=60)
            stopping.set()
        taken = len(hop.taken)
    assert 3 <= taken < 50

    def counts() -> tuple[int, int, int]:
        by_state = Delivery.objects.filter
        return (
            by_state(state="relayed").count(),
            by_state(state="queued").count(),
            RelayProcess.objects.count(),
        )

    assert await database.do(counts) == (taken, 50 - taken, 0)
    cut_off = await database.do(Delivery.objects.filter(state="queued", attempt_count=1).count)
    # On each connection one that the next hop had only in part.
    assert cut_off <= 4


async def test_an_attempt_that_does_not_end_is_cut_off_and_tried_again(database: Queue) -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if verb == "DATA" else None

    queue_id = await database.do(enqueue, "a@x.test")
    async with (
        ScriptedHop(script).running() as hop,
        running_relay(hop, finish_seconds=0.1) as stopping,
    ):
        await until(lambda: "DATA" in hop.verbs)
        stopping.set()
    assert await database.do(states, queue_id) == [("a@x.test", "queued")]
    attempt = await database.do(Attempt.objects.get)
    assert (attempt.outcome, attempt.reason_code) == ("deferred", "relay-stopped")


async def test_only_mail_that_the_next_hop_has_completely_is_waited_for(database: Queue) -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if argument == "slow@x.test" else None

    may_answer = asyncio.Event()
    complete = await database.do(enqueue, "a@x.test")
    begun = await database.do(enqueue, "slow@x.test")
    async with ScriptedHop(script, gate=may_answer).running() as hop:
        async with running_relay(hop, finish_seconds=90) as stopping:
            await until(lambda: hop.complete == 1, seconds=60)
            await until(lambda: any("slow@x.test" in line for line in hop.commands), seconds=60)
            stopping.set()
            # Long before the other is answered.
            await database.until(lambda: states(begun) == [("slow@x.test", "queued")], 60)
            assert not hop.taken
            may_answer.set()
        assert await database.do(states, complete) == [("a@x.test", "relayed")]
    outcomes = await database.do(
        lambda: dict(Attempt.objects.values_list("delivery__recipient", "outcome"))
    )
    assert outcomes == {"a@x.test": "relayed", "slow@x.test": "deferred"}
    assert len(hop.taken) == 1


async def test_a_stop_while_the_complete_mail_is_considered_is_named_in_the_mail_log(
    database: Queue,
) -> None:
    queue_id = await database.do(enqueue, "a@x.test")
    never = asyncio.Event()
    async with (
        ScriptedHop(gate=never).running() as hop,
        running_relay(hop, finish_seconds=0.1) as stopping,
    ):
        await until(lambda: hop.complete)
        stopping.set()
    assert await database.do(states, queue_id) == [("a@x.test", "queued")]
    delivery = await database.do(Delivery.objects.get)
    attempt = await database.do(Attempt.objects.get)
    assert (attempt.outcome, attempt.reason_code) == ("uncertain", "relay-stopped")
    assert "the recipient may get it twice" in attempt.reason
    assert delivery.reason == attempt.reason
    assert delivery.next_attempt_at <= timezone.now()
    assert delivery.is_deferred


async def test_a_refusal_heard_before_the_stop_stays(database: Queue) -> None:
    def script(verb: str, argument: str) -> str | None:
        if verb == "DATA":
            return HANG
        return "550 5.1.1 No such user" if argument == "gone@x.test" else None

    queue_id = await database.do(enqueue, "a@x.test", "gone@x.test")
    async with (
        ScriptedHop(script, extensions=()).running() as hop,
        running_relay(hop, finish_seconds=0.1) as stopping,
    ):
        await until(lambda: "DATA" in hop.verbs)
        stopping.set()
    expected = [("a@x.test", "queued"), ("gone@x.test", "bounced")]
    assert await database.do(states, queue_id) == expected


async def test_the_process_exits_in_order_on_sigterm(database: Queue, tmp_path: Path) -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if verb == "DATA" else None

    await database.do(enqueue)
    async with ScriptedHop(script).running() as hop:
        url = f"smtp://127.0.0.1:{hop.port}"
        async with relay_process(tmp_path / "log", RELAY_URL=url) as relay:
            await until(lambda: "DATA" in hop.verbs, seconds=15)
            begun = time.monotonic()
            assert await relay.stop() == 0
            assert time.monotonic() - begun < 20
    assert not await database.do(RelayProcess.objects.exists)
    assert await database.do(Delivery.objects.filter(state="queued").count) == 1


async def test_the_process_waits_for_an_answer_and_sends_nothing_twice(
    database: Queue, tmp_path: Path
) -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if argument == "slow@x.test" else None

    may_answer = asyncio.Event()
    await database.do(enqueue, "a@x.test")
    await database.do(enqueue, "slow@x.test")
    async with ScriptedHop(script, gate=may_answer).running() as hop:
        settings = {"RELAY_URL": f"smtp://127.0.0.1:{hop.port}", "RELAY_STOP_SECONDS": "90"}
        async with relay_process(tmp_path / "log", **settings) as relay:
            await until(lambda: hop.complete == 1, seconds=60)
            await until(lambda: any("slow@x.test" in line for line in hop.commands), seconds=60)
            relay.process.send_signal(signal.SIGTERM)
            await until(lambda: "attempt.deferred" in relay.log, seconds=60)
            may_answer.set()
            async with asyncio.timeout(60):
                assert await relay.process.wait() == 0
    assert len(hop.taken) == 1
    ended = await database.do(lambda: {*Attempt.objects.values_list("outcome", flat=True)})
    assert ended == {"relayed", "deferred"}


async def test_a_bad_relay_url_is_one_sentence(database: Queue, tmp_path: Path) -> None:
    async with relay_process(tmp_path / "log", RELAY_URL="http://x.test") as relay:
        async with asyncio.timeout(15):
            assert await relay.process.wait() == 1
        assert relay.log == "CommandError: RELAY_URL must start with smtp:// or smtps://.\n"
