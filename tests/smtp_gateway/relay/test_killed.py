"""A relay that dies loses nothing: what it held is tried again, by whoever comes next."""

import os
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery, RelayProcess
from smtp_gateway.relay.registration import Rhythm, machine, register
from tests.smtp_gateway.queued import enqueue, lease, make_submission, states
from tests.smtp_gateway.relay.next_hop import HANG, ScriptedHop
from tests.smtp_gateway.relay.running import Queue, relay_process, running_relay
from tests.smtp_gateway.relay.sending import until


async def test_a_relay_started_after_a_kill_goes_on_at_once(
    database: Queue, tmp_path: Path
) -> None:
    answers = {".": HANG}

    def script(verb: str, argument: str) -> str | None:
        return answers.get(verb)

    queue_id = await database.do(enqueue, "a@x.test")
    async with ScriptedHop(script).running() as hop:
        url = f"smtp://127.0.0.1:{hop.port}"
        async with relay_process(tmp_path / "first", RELAY_URL=url) as first:
            await until(lambda: "DATA" in hop.verbs, seconds=15)
            first.kill()
            await first.process.wait()
        assert await database.do(states, queue_id) == [("a@x.test", "leased")]
        answers.clear()
        async with running_relay(hop):
            await database.until(lambda: states(queue_id) == [("a@x.test", "relayed")], 2)
    outcomes = await database.do(lambda: list(Attempt.objects.values_list("outcome", flat=True)))
    assert outcomes == ["uncertain", "relayed"]
    assert len(hop.taken) == 1


async def test_of_what_a_killed_relay_held_only_what_it_had_begun_is_uncertain(
    database: Queue, tmp_path: Path
) -> None:
    answers = {".": HANG}
    sent = [make_submission(f"{n}@x.test") for n in range(100)]
    await database.do(queue.accept, sent)
    async with ScriptedHop(lambda verb, argument: answers.get(verb)).running() as hop:
        url = f"smtp://127.0.0.1:{hop.port}"
        async with relay_process(tmp_path / "first", RELAY_URL=url, RELAY_CONNECTIONS="4") as first:
            await until(lambda: hop.verbs.count("DATA") >= 3, seconds=15)
            first.kill()
            await first.process.wait()
        assert await database.do(Delivery.objects.filter(state="leased").count) == 100
        answers.clear()
        async with running_relay(hop):
            await database.until(lambda: not Delivery.objects.exclude(state="relayed").exists())
    uncertain = await database.do(Attempt.objects.filter(outcome="uncertain").count)
    # A mail on each of three connections, and at most one behind each.
    assert 3 <= uncertain <= 6
    assert len(hop.taken) == 100


async def test_a_mail_that_three_relays_die_of_is_set_aside_and_the_others_arrive(
    database: Queue, tmp_path: Path
) -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if verb == "RCPT" and "poison" in argument else None

    def tries(hop: ScriptedHop) -> int:
        return sum("poison" in command for command in hop.commands)

    recipients = ["poison@x.test", *(f"{n}@x.test" for n in range(60))]
    await database.do(queue.accept, [make_submission(each) for each in recipients])
    async with ScriptedHop(script).running() as hop:
        for number in range(1, 4):
            log = tmp_path / str(number)
            async with relay_process(log, RELAY_URL=f"smtp://127.0.0.1:{hop.port}") as relay:
                # From its second time on it waits for a moment of its own.
                await until(lambda n=number: tries(hop) == n, seconds=20)
                await database.until(
                    lambda: Delivery.objects.exclude(state="relayed").count() == 1, 10
                )
                relay.kill()
                await relay.process.wait()
        async with running_relay(hop):
            await database.until(Delivery.objects.filter(state="held").exists)
    outcomes = await database.do(lambda: list(Attempt.objects.values_list("outcome", flat=True)))
    assert Counter(outcomes) == {"relayed": 60, "uncertain": 3, "set-aside": 1}


async def test_a_living_relay_frees_what_a_silent_one_of_another_machine_held(
    database: Queue,
) -> None:
    def die_elsewhere() -> str:
        queue_id = enqueue("a@x.test")
        lease(queue.register_relay(host="elsewhere", pid=1))
        return queue_id

    queue_id = await database.do(die_elsewhere)
    async with running_relay(rhythm=Rhythm(beat=0.05, dead=2)):
        await database.until(lambda: states(queue_id) == [("a@x.test", "relayed")], 60)
        assert await database.do(RelayProcess.objects.count) == 1


async def test_a_relay_taken_for_dead_drops_what_it_holds_and_registers_anew(
    database: Queue,
) -> None:
    answers = {"DATA": HANG}

    def script(verb: str, argument: str) -> str | None:
        return answers.pop(verb, None)

    async with ScriptedHop(script).running() as hop:
        queue_id = await database.do(enqueue, "a@x.test")
        async with running_relay(hop, rhythm=Rhythm(beat=0.05)):
            await until(lambda: "DATA" in hop.verbs)
            first = await database.do(RelayProcess.objects.get)
            await database.do(
                queue.free_leases_of_dead, silent_for=timedelta(seconds=9), gone=[first.pk]
            )
            await database.until(lambda: states(queue_id) == [("a@x.test", "relayed")])
            assert (await database.do(RelayProcess.objects.get)).pk != first.pk
    assert len(hop.taken) == 1
    outcomes = await database.do(lambda: list(Attempt.objects.values_list("outcome", flat=True)))
    assert outcomes == ["uncertain", "relayed"]


async def test_what_a_relay_heard_before_it_was_taken_for_dead_is_recorded_and_sent_once(
    database: Queue,
) -> None:
    is_recording, may_record = threading.Event(), threading.Event()

    def record(relay_id: int, outcomes: Sequence[queue.Outcome]) -> set[int]:
        is_recording.set()
        assert may_record.wait(60)
        return queue.record(relay_id=relay_id, outcomes=outcomes)

    queue_id = await database.do(enqueue, "a@x.test")
    async with (
        ScriptedHop().running() as hop,
        running_relay(hop, rhythm=Rhythm(beat=0.05), record=record),
    ):
        await until(is_recording.is_set, seconds=60)
        first = await database.do(RelayProcess.objects.get)
        await database.do(queue.free_leases_of_dead, gone=[first.pk])
        may_record.set()
        await database.until(lambda: states(queue_id) == [("a@x.test", "relayed")], 60)
        await database.until(lambda: RelayProcess.objects.exclude(pk=first.pk).exists(), 60)
    outcomes = await database.do(
        lambda: list(Attempt.objects.order_by("id").values_list("outcome", flat=True))
    )
    assert outcomes == ["uncertain", "relayed"]
    assert len(hop.taken) == 1


@pytest.mark.django_db
def test_relays_of_this_machine_that_do_not_run_any_more_are_freed_at_registration() -> None:
    register()  # our own process id, given out again
    queue.register_relay(host=machine(), pid=_free_pid())
    queue.register_relay(host=machine(), pid=os.getppid())  # lives, but is no relay
    elsewhere = queue.register_relay(host="elsewhere", pid=_free_pid())
    newest = register()
    assert set(RelayProcess.objects.values_list("pk", flat=True)) == {elsewhere, newest}


async def test_a_relay_that_runs_keeps_what_it_holds_when_another_starts(
    database: Queue, tmp_path: Path
) -> None:
    def script(verb: str, argument: str) -> str | None:
        return HANG if verb == "DATA" else None

    await database.do(enqueue)
    async with ScriptedHop(script).running() as hop:
        url = f"smtp://127.0.0.1:{hop.port}"
        async with relay_process(tmp_path / "log", RELAY_URL=url):
            await until(lambda: "DATA" in hop.verbs, seconds=15)
            await database.do(register)
            assert await database.do(Delivery.objects.filter(state="leased").count) == 1


@pytest.mark.django_db
def test_a_relay_that_starts_takes_nothing_from_one_elsewhere_that_it_has_not_heard_yet() -> None:
    queue_id = enqueue("a@x.test")
    elsewhere = queue.register_relay(host="elsewhere", pid=1)
    lease(elsewhere)
    RelayProcess.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    register()
    assert states(queue_id) == [("a@x.test", "leased")]
    assert queue.heartbeat(relay_id=elsewhere)


def _free_pid() -> int:
    return next(pid for pid in range(4_000_000, 1, -1) if not psutil.pid_exists(pid))
