"""What a refusal is about is recorded, and decides when the mail is tried again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from smtp_gateway.models import Attempt, Delivery
from tests.smtp_gateway.queued import enqueue
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.running import Queue, running_relay

BLOCKED = "554 5.7.1 Client host [192.0.2.7] blocked using bl.example"
# The ladder's first step is a minute, and each wait is spread by a quarter.
SPREAD = 1.3


async def attempted(database: Queue, reply: str) -> tuple[Attempt, Delivery]:
    """What is recorded of a mail whose recipient gets that reply."""

    def script(verb: str, argument: str) -> str | None:
        return reply if verb == "RCPT" else None

    async with ScriptedHop(script).running() as hop:
        await database.do(enqueue)
        async with running_relay(hop):
            await database.until(Attempt.objects.exists)
    return await database.do(Attempt.objects.get), await database.do(Delivery.objects.get)


@pytest.mark.parametrize(
    ("reply", "category", "fault", "wait"),
    [
        (BLOCKED, "our-ip-blocked", "us", timedelta(hours=1)),
        ("450 4.7.1 Greylisted for 300 seconds", "greylisted", "", timedelta(minutes=5)),
        ("421 4.7.0 Too many mails; wait 2 hours", "rate-limited", "us", timedelta(hours=2)),
    ],
    ids=["blocklist", "greylisting", "limit"],
)
async def test_a_refused_mail_waits_as_long_as_it_has_to(
    database: Queue, reply: str, category: str, fault: str, wait: timedelta
) -> None:
    started = timezone.now()
    attempt, delivery = await attempted(database, reply)
    assert (attempt.outcome, attempt.category, attempt.fault) == ("deferred", category, fault)
    assert delivery.state == "queued"
    assert wait <= delivery.next_attempt_at - started < wait * SPREAD


async def test_an_unknown_recipient_bounces_by_its_own_fault(database: Queue) -> None:
    attempt, delivery = await attempted(database, "550 5.1.1 User unknown")
    assert (attempt.category, attempt.fault) == ("no-such-mailbox", "recipient")
    assert delivery.state == "bounced"


async def test_a_mail_that_is_taken_is_about_nothing(database: Queue) -> None:
    async with ScriptedHop().running() as hop:
        await database.do(enqueue)
        async with running_relay(hop):
            await database.until(Attempt.objects.exists)
    attempt = await database.do(Attempt.objects.get)
    assert (attempt.outcome, attempt.category, attempt.fault) == ("relayed", "", "")
