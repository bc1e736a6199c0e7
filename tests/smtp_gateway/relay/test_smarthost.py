"""The smarthost route, from the queue to the next hop and back."""

import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import DataError
from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery, MessageContent
from tests.smtp_gateway.queued import CONTENT, enqueue, states
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay


async def test_a_mail_arrives_once_for_all_its_recipients(database: Queue) -> None:
    async with ScriptedHop().running() as hop:
        queue_id = await database.do(enqueue, "a@x.test", "b@x.test")
        async with running_relay(hop):
            await database.until(lambda: {state for _, state in states(queue_id)} == {"relayed"})
    (mail,) = hop.taken
    assert (mail.recipients, mail.content) == (("a@x.test", "b@x.test"), CONTENT)
    attempt = await database.do(lambda: Attempt.objects.first())
    assert attempt is not None
    assert (attempt.route, attempt.next_hop) == ("test", f"127.0.0.1:{hop.port}")
    assert (attempt.outcome, attempt.reply) == ("relayed", "250 2.0.0 Taken")


async def test_each_recipient_has_its_own_end(database: Queue) -> None:
    def script(verb: str, argument: str) -> str | None:
        return {"gone@x.test": "550 5.1.1 Gone", "full@x.test": "452 4.2.2 Full"}.get(argument)

    async with ScriptedHop(script).running() as hop:
        queue_id = await database.do(enqueue, "full@x.test", "gone@x.test", "ok@x.test")
        async with running_relay(hop):
            await database.until(
                lambda: (
                    states(queue_id)
                    == [
                        ("full@x.test", "queued"),
                        ("gone@x.test", "bounced"),
                        ("ok@x.test", "relayed"),
                    ]
                )
            )
    delivery = await database.do(lambda: Delivery.objects.get(recipient="full@x.test"))
    assert (delivery.reason_code, delivery.attempt_count) == ("next-hop-deferred", 1)
    assert delivery.next_attempt_at > timezone.now() + timedelta(seconds=40)


async def test_mail_goes_out_once_the_next_hop_is_back(database: Queue) -> None:
    async with ScriptedHop().running() as hop:
        pass
    queue_id = await database.do(enqueue)
    async with running_relay(hop):
        await database.until(lambda: Attempt.objects.filter(outcome="deferred").exists())
        delivery = await database.do(Delivery.objects.get)
        assert delivery.reason_code == "next-hop-unreachable"
        async with ScriptedHop(port=hop.port).running() as back:
            await database.do(Delivery.objects.update, next_attempt_at=timezone.now())
            await database.until(lambda: states(queue_id)[0][1] == "relayed")
    assert len(back.taken) == 1


async def test_what_is_deferred_at_the_end_of_its_lifetime_expires(database: Queue) -> None:
    def script(verb: str, argument: str) -> str | None:
        return "451 4.3.0 Later" if verb == "RCPT" else None

    async with ScriptedHop(script).running() as hop:
        queue_id = await database.do(
            enqueue, expires_at=timezone.now() + timedelta(seconds=1), accepted_at=timezone.now()
        )
        async with running_relay(hop):
            await database.until(lambda: states(queue_id)[0][1] == "expired")
    delivery = await database.do(Delivery.objects.get)
    assert delivery.reason_code == "lifetime-over"
    assert delivery.reason.startswith("Given up: its lifetime is over. 127.0.0.1:")
    assert delivery.reason.endswith("451 4.3.0 Later")
    attempts = await database.do(lambda: list(Attempt.objects.values_list("outcome", flat=True)))
    assert attempts == ["deferred", "expired"]


async def test_an_attempt_has_one_log_line(
    database: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "smtp_gateway.relay.attempt")
    async with ScriptedHop().running() as hop:
        queue_id = await database.do(enqueue, "a@x.test")
        async with running_relay(hop):
            await database.until(lambda: states(queue_id)[0][1] == "relayed")
    (record,) = [r for r in caplog.records if r.name == "smtp_gateway.relay.attempt"]
    assert record.getMessage() == "attempt.relayed"
    facts = vars(record)
    assert (facts["queue_id"], facts["recipient"]) == (queue_id, "a@x.test")
    assert (facts["next_hop"], facts["reply"]) == (f"127.0.0.1:{hop.port}", "250 2.0.0 Taken")
    assert facts["duration_ms"] >= 0


async def test_an_outcome_that_the_database_refuses_is_recorded_without_its_texts(
    database: Queue,
) -> None:
    def refusing(relay_id: int, outcomes: Sequence[queue.Outcome]) -> set[int]:
        if any(outcome.reply for outcome in outcomes):
            raise DataError("text that no column holds")
        return queue.record(relay_id=relay_id, outcomes=outcomes)

    queue_id = await database.do(enqueue, "a@x.test", "b@x.test")
    async with ScriptedHop().running() as hop, running_relay(hop, record=refusing):
        await database.until(lambda: {state for _, state in states(queue_id)} == {"relayed"})
    assert len(hop.taken) == 1


async def test_a_mail_whose_content_is_gone_is_deferred_as_a_fault_of_the_relay(
    database: Queue,
) -> None:
    queue_id = await database.do(enqueue, "a@x.test")
    await database.do(MessageContent.objects.all().delete)
    async with ScriptedHop().running() as hop, running_relay(hop):
        await database.until(lambda: Attempt.objects.exists())
    assert await database.do(states, queue_id) == [("a@x.test", "queued")]
    assert (await database.do(Attempt.objects.get)).reason_code == "relay-fault"
