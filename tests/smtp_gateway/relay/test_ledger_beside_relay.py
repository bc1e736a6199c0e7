"""The ledger and actions by hand beside a relay that works, mail after mail."""

import asyncio

from smtp_gateway import queue
from smtp_gateway.models import Delivery
from smtp_gateway.queue import acting, ledger
from tests.smtp_gateway.queued import make_submission
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay


def one_in_three_is_refused(verb: str, argument: str) -> str | None:
    is_refused = verb == "RCPT" and argument.startswith("TO:<refused")
    return "550 5.1.1 No such user" if is_refused else None


def counted() -> ledger.Line:
    now = ledger.count("lane")
    assert now.faults == []
    return now.total


def cancel_from_the_end() -> int:
    """In small steps; how many were cancelled."""
    ids = list(Delivery.objects.order_by("-id").values_list("id", flat=True))
    steps = [ids[start : start + 20] for start in range(0, len(ids), 20)]
    return sum(acting.cancel(step, operator="op@example.com").count for step in steps)


async def test_what_is_cancelled_never_reaches_the_next_hop_and_the_sum_holds_all_the_while(
    database: Queue,
) -> None:
    mails = [make_submission("a@x.test", "b@x.test", "refused@x.test") for _ in range(400)]
    await database.do(queue.accept, mails)
    async with (
        ScriptedHop(script=one_in_three_is_refused, delay=0.005).running() as hop,
        running_relay(hop, connections=4),
    ):
        await database.until(lambda: counted().relayed > 20)
        cancelling = asyncio.create_task(database.do(cancel_from_the_end))
        await database.until(lambda: counted().waiting == 0, seconds=60)
        cancelled = await cancelling
    total = await database.do(counted)
    assert total.accepted == 1200
    assert total.cancelled == cancelled > 0
    assert total.relayed + total.bounced + total.cancelled == 1200
    assert sum(len(mail.recipients) for mail in hop.taken) == total.relayed
