"""Relays share one queue: each mail goes out once, whoever takes it."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from django.db.models import F, Max
from django.db.models.functions import Now

from smtp_gateway import queue
from smtp_gateway.models import Attempt, Delivery, RelayProcess
from smtp_gateway.relay.registration import Rhythm
from tests.smtp_gateway.queued import enqueue, make_submission
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, database_url, proxy_to_database, relay_process
from tests.smtp_gateway.relay.sending import until

MAILS = 2000


def are_all_relayed() -> bool:
    return not Delivery.objects.exclude(state="relayed").exists()


def know_each_other() -> bool:
    relays = RelayProcess.objects.all()
    last = relays.aggregate(last=Max("started_at"))["last"]
    return relays.count() == 2 and not relays.filter(heartbeat_at__lte=last).exists()


async def test_two_processes_relay_two_thousand_mails_each_of_them_once(
    database: Queue, tmp_path: Path
) -> None:
    sent = [
        make_submission(f"{n}@x.test", sender_address=f"{n % 7}@example.com") for n in range(MAILS)
    ]
    async with ScriptedHop(delay=0.005).running() as hop:
        url = f"smtp://127.0.0.1:{hop.port}"
        async with (
            relay_process(tmp_path / "first", RELAY_URL=url),
            relay_process(tmp_path / "second", RELAY_URL=url),
        ):
            await database.until(lambda: RelayProcess.objects.count() == 2, 20)
            await database.do(queue.accept, sent)
            await database.until(are_all_relayed, 60)
    arrived = Counter(mail.recipients for mail in hop.taken)
    assert arrived == {(f"{n}@x.test",): 1 for n in range(MAILS)}
    assert await database.do(Attempt.objects.count) == MAILS
    for log in ("first", "second"):
        assert "attempt.relayed" in (tmp_path / log).read_text()


async def test_what_two_relays_finish_while_the_database_is_away_is_sent_once(
    database: Queue, tmp_path: Path
) -> None:
    proxy = proxy_to_database()
    await proxy.open()
    may_answer = asyncio.Event()
    sent = []

    def have_both_begun(hop: ScriptedHop) -> bool:
        """With one mail more until it is so: nobody says which relay takes it."""
        begun = [line[9:-1] for line in hop.commands if line.startswith("RCPT TO:<")]
        of_begun = Delivery.objects.filter(state="leased", recipient__in=begun)
        if of_begun.values("leased_by").distinct().count() == 2:
            return True
        sent.append(enqueue(f"{len(sent)}@x.test"))
        return False

    def have_both_been_silent() -> bool:
        dead = Now() - timedelta(seconds=Rhythm().dead + 1)
        return RelayProcess.objects.filter(heartbeat_at__lt=dead).count() == 2

    async with AsyncExitStack() as cleaning, ScriptedHop(gate=may_answer).running() as hop:
        # Else whoever is connected to it keeps the loop from its end.
        cleaning.push_async_callback(proxy.cut)
        way = {
            "RELAY_URL": f"smtp://127.0.0.1:{hop.port}",
            "RELAY_CONNECTIONS": "100",
            "DATABASE_URL": database_url("127.0.0.1", proxy.port),
        }
        async with (
            relay_process(tmp_path / "first", **way) as first,
            relay_process(tmp_path / "second", **way) as second,
        ):
            await database.until(lambda: RelayProcess.objects.count() == 2, 60)
            await database.until(lambda: have_both_begun(hop), 60)
            await proxy.cut()
            may_answer.set()
            for relay in (first, second):
                await until(lambda it=relay: "attempt.relayed" in it.log, seconds=60)
            await database.until(have_both_been_silent, 60)
            await proxy.open()
            await database.until(are_all_relayed, 60)
            assert await database.do(RelayProcess.objects.count) == 2
    arrived = Counter(mail.recipients for mail in hop.taken)
    assert arrived == {(f"{n}@x.test",): 1 for n in range(len(sent))}
    assert await database.do(Attempt.objects.count) == len(sent)


def postponed() -> int:
    """How many became due later than they were accepted."""
    return Delivery.objects.exclude(next_attempt_at=F("message__accepted_at")).count()


async def test_the_relay_that_may_not_connect_leaves_mail_to_the_one_that_may(
    database: Queue, tmp_path: Path
) -> None:
    async with ScriptedHop().running() as hop:
        settings = {"RELAY_URL": f"smtp://127.0.0.1:{hop.port}", "RELAY_CONNECTIONS": "1"}
        async with (
            relay_process(tmp_path / "first", **settings),
            relay_process(tmp_path / "second", **settings),
        ):
            await database.until(know_each_other, 60)
            for number in range(12):
                await database.do(enqueue, f"{number}@x.test")
                await database.until(are_all_relayed, 60)
    assert await database.do(postponed) == 0
