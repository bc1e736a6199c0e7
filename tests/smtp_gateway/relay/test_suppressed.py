"""A recipient that is suppressed while the mail waits gets it no more, and the sender is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from django.utils import timezone

from senders.models import Suppression
from senders.suppressions.services import suppress
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.models import Attempt, Delivery, DeliveryReport
from smtp_gateway.queue import ledger
from smtp_gateway.relay.suppressed import LookUp
from smtp_gateway.suppressing.feeding import suppress_failed
from smtp_gateway.suppressing.watch import SuppressionWatch
from tests.smtp_gateway.queued import enqueue, states
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay


@asynccontextmanager
async def watching() -> AsyncIterator[LookUp]:
    """What a relay asks, kept up to date."""
    watch = SuppressionWatch(LoopDatabase())
    task = asyncio.create_task(watch.flush_forever())
    yield watch.look_up
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await watch.flush()


def suppressed(recipient: str, **changes: Any) -> Suppression:
    asked = {"reason": "manual", "now": timezone.now()} | changes
    return suppress(recipient_or_domain=recipient, **asked)


def ended(count: int) -> bool:
    return Delivery.objects.filter(finished_at__isnull=False).count() == count


async def test_it_is_stopped_with_its_reason_and_the_others_go_out(database: Queue) -> None:
    await database.do(suppressed, "gone@a.test", reason="opt-out", sender_address="app@example.com")
    queue_id = await database.do(enqueue, "Gone@a.test", "good@a.test")
    async with (
        ScriptedHop().running() as hop,
        watching() as look_up,
        running_relay(hop, suppressed=look_up),
    ):
        await database.until(lambda: ended(2))
    assert [mail.recipients for mail in hop.taken] == [("good@a.test",)]
    assert await database.do(states, queue_id) == [
        ("Gone@a.test", "bounced"),
        ("good@a.test", "relayed"),
    ]
    stopped = await database.do(Attempt.objects.get, outcome="bounced")
    day = f"{timezone.now():%Y-%m-%d}"
    assert stopped.reason == (
        f"Not sent: since {day} no mail goes to Gone@a.test: the recipient opted out (5.7.1)."
    )
    assert not stopped.is_attempt
    delivery = await database.do(Delivery.objects.get, state="bounced")
    assert (delivery.attempt_count, delivery.reason_code) == (0, "suppressed")
    # The sender is told, and nothing is missing from the sum.
    assert await database.do(DeliveryReport.objects.filter(delivery=delivery, kind="failed").exists)
    assert (await database.do(ledger.count)).faults == []
    # It is nobody's fault, so it makes no other suppression.
    await database.do(suppress_failed)
    assert await database.do(Suppression.objects.count) == 1


async def test_a_whole_domain_is_stopped_and_another_scope_is_not(database: Queue) -> None:
    await database.do(suppressed, "a.test")
    await database.do(suppressed, "good@b.test", mail_type="batch")
    await database.do(enqueue, "one@mail.a.test", "good@b.test")
    async with (
        ScriptedHop().running() as hop,
        watching() as look_up,
        running_relay(hop, suppressed=look_up),
    ):
        await database.until(lambda: ended(2))
    assert [mail.recipients for mail in hop.taken] == [("good@b.test",)]
    stopped = await database.do(Attempt.objects.get, outcome="bounced")
    assert "no mail goes to the domain a.test" in stopped.reason


async def test_directmails_own_mail_goes_out(database: Queue) -> None:
    await database.do(suppressed, "ann@a.test")
    await database.do(enqueue, "ann@a.test", origin="system")
    async with (
        ScriptedHop().running() as hop,
        watching() as look_up,
        running_relay(hop, suppressed=look_up),
    ):
        await database.until(lambda: ended(1))
    assert [mail.recipients for mail in hop.taken] == [("ann@a.test",)]


async def test_a_relay_learns_of_it_while_it_runs(database: Queue) -> None:
    async with (
        ScriptedHop().running() as hop,
        watching() as look_up,
        running_relay(hop, suppressed=look_up),
    ):
        await database.do(enqueue, "ann@a.test")
        await database.until(lambda: ended(1))
        await database.do(suppressed, "ann@a.test")

        async def is_known() -> bool:
            answer = look_up("app@example.com", "trigger", "ann@a.test")
            if answer is None:
                return False
            return asyncio.iscoroutine(answer) and bool(await answer)

        async with asyncio.timeout(10):
            while not await is_known():  # noqa: ASYNC110 - a database sets no events
                await asyncio.sleep(0.02)
        await database.do(enqueue, "ann@a.test")
        await database.until(lambda: ended(2))
    assert len(hop.taken) == 1


async def test_a_bounce_suppresses_and_the_next_mail_is_not_sent(database: Queue) -> None:
    def script(verb: str, argument: str) -> str | None:
        return "550 5.1.1 No such user" if verb == "RCPT" else None

    async with (
        ScriptedHop(script).running() as hop,
        watching() as look_up,
        running_relay(hop, suppressed=look_up),
    ):
        await database.do(enqueue, "gone@a.test")
        await database.until(lambda: ended(1))
        await database.do(suppress_failed)
    row = await database.do(Suppression.objects.get)
    assert (row.category, row.evidence) == ("no-such-mailbox", "550 5.1.1 No such user")
    async with (
        ScriptedHop().running() as hop,
        watching() as look_up,
        running_relay(hop, suppressed=look_up),
    ):
        await database.do(enqueue, "gone@a.test")
        await database.until(lambda: ended(2))
    assert hop.taken == []
    reasons = await database.do(lambda: [one.reason for one in Attempt.objects.order_by("id")])
    assert reasons[1].endswith("mail to it bounced (550 5.1.1 No such user) (5.1.1).")
