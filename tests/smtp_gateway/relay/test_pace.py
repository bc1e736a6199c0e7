"""The pace as next hops see it: over all relays, exact, and at nobody else's cost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery
from smtp_gateway.paces import OwnPace, Paces, TypePace
from smtp_gateway.queue.ledger import count
from tests.smtp_gateway.queued import make_submission
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay

PATIENCE = 90
NEWS, OTHER = "news@example.com", "other@example.com"


def accept(number: int, sender: str = NEWS, **changes: object) -> None:
    values: dict[str, object] = {"mail_type": "batch", "sender_address": sender, **changes}
    queue.accept([make_submission(**values) for _ in range(number)])


def relayed(sender: str) -> int:
    return Delivery.objects.filter(state="relayed", message__sender_address=sender).count()


def times(sender: str) -> list[tuple[datetime, datetime]]:
    """For each relayed mail the time that it was given, and when it was relayed."""
    rows = Delivery.objects.filter(message__sender_address=sender, state="relayed")
    return sorted(rows.values_list("next_attempt_at", "finished_at"))


def paces(per_minute: int | None, **window: datetime) -> Callable[[], Paces]:
    fixed = Paces({"batch": TypePace(per_minute, **window)})
    return lambda: fixed


async def test_two_relays_together_keep_one_pace(database: Queue) -> None:
    await database.do(accept, 60)
    pace = paces(600)
    async with (
        ScriptedHop().running() as hop,
        running_relay(hop, paces=pace),
        running_relay(hop, paces=pace),
    ):
        await database.until(lambda: relayed(NEWS) == 60, seconds=PATIENCE)
    given = await database.do(times, NEWS)
    assert all(
        after - before >= timedelta(seconds=0.1) for (before, _), (after, _) in pairwise(given)
    )
    assert all(at <= done + timedelta(milliseconds=1) for at, done in given)
    assert len(hop.taken) == 60


async def test_what_waits_for_its_pace_holds_up_no_other_sender(database: Queue) -> None:
    await database.do(accept, 3000)
    await database.do(queue.set_own_paces, {NEWS: OwnPace("batch", 60)}, {})
    await database.do(accept, 300, OTHER)
    async with ScriptedHop().running() as hop, running_relay(hop, paces=paces(None)):
        await database.until(lambda: relayed(OTHER) == 300, seconds=PATIENCE)
        waiting = Delivery.objects.filter(lane="paced", message__sender_address=NEWS)
        assert await database.do(waiting.count) > 2500
    (line,) = (await database.do(count)).lines
    assert line.accepted == 3300
    assert line.accepted == line.relayed + line.queued + line.being_relayed


async def test_outside_the_window_batch_mail_waits_and_trigger_mail_does_not(
    database: Queue,
) -> None:
    opens_at = timezone.now() + timedelta(hours=2)
    closed = paces(None, opens_at=opens_at, closes_at=opens_at + timedelta(hours=8))
    await database.do(accept, 3)
    await database.do(accept, 3, OTHER, mail_type="trigger")
    async with ScriptedHop().running() as hop, running_relay(hop, paces=closed):
        await database.until(lambda: relayed(OTHER) == 3, seconds=PATIENCE)
    assert await database.do(relayed, NEWS) == 0
    assert len(hop.taken) == 3


async def test_when_the_window_opens_what_waited_leaves(database: Queue) -> None:
    now = timezone.now()
    windows = [TypePace(None, now + timedelta(hours=2), now + timedelta(hours=3))]
    await database.do(accept, 3)
    async with (
        ScriptedHop().running() as hop,
        running_relay(hop, paces=lambda: Paces({"batch": windows[-1]})),
    ):
        await database.do(accept, 1, OTHER, mail_type="trigger")
        await database.until(lambda: relayed(OTHER) == 1, seconds=PATIENCE)
        windows.append(TypePace(None, now - timedelta(hours=2), now + timedelta(hours=3)))
        await database.until(lambda: relayed(NEWS) == 3, seconds=PATIENCE)


async def test_a_flagged_trigger_address_is_paced_by_the_relay(database: Queue) -> None:
    own = {NEWS: OwnPace("trigger", 600)}
    await database.do(queue.set_own_paces, own, {})
    await database.do(accept, 20, mail_type="trigger")
    async with ScriptedHop().running() as hop, running_relay(hop, paces=lambda: Paces({}, own)):
        await database.until(lambda: relayed(NEWS) == 20, seconds=PATIENCE)
    given = [at for at, _ in await database.do(times, NEWS)]
    assert all(after - before >= timedelta(seconds=0.1) for before, after in pairwise(given))


async def test_a_mail_that_is_deferred_takes_a_turn_for_each_attempt(database: Queue) -> None:
    await database.do(accept, 1)
    later = ScriptedHop(script=lambda verb, _: "451 4.3.0 Later" if verb == "RCPT" else None)
    async with later.running() as hop, running_relay(hop, paces=paces(600)):
        await database.until(Attempt.objects.filter(outcome="deferred").exists, seconds=PATIENCE)
    delivery = await database.do(Delivery.objects.get)
    assert (delivery.lane, delivery.state, delivery.reason_code) == (
        "paced", "queued", "next-hop-deferred"
    )  # fmt: skip
