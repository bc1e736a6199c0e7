"""When the relay tries again is as the policy says, and follows it while it runs."""

import asyncio
from datetime import timedelta

import pytest

from senders.models import MailTypePolicy
from smtp_gateway.bridge import Bridge
from smtp_gateway.delivery_rules.watch import RulesWatch
from smtp_gateway.relay.retry import Ladder
from tests.smtp_gateway.submission.talking import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def decide(**decided: timedelta) -> None:
    MailTypePolicy.objects.update_or_create(pk="batch", defaults=decided)


async def test_a_change_is_known_without_a_restart(settings) -> None:
    settings.RETRY_FIRST = dict.fromkeys(("trigger", "batch"), timedelta(minutes=1))
    settings.RETRY_MAX = dict.fromkeys(("trigger", "batch"), timedelta(hours=1))
    bridge = Bridge()
    watch = await RulesWatch.begin(bridge)
    ladders = watch.ladders
    assert ladders["batch"] == Ladder(timedelta(minutes=1), timedelta(hours=1))
    watching = asyncio.create_task(watch.run())
    await bridge.database(
        lambda: decide(retry_first=timedelta(minutes=2), retry_longest=timedelta(minutes=9))
    )

    async def is_known() -> bool:
        return ladders["batch"] == Ladder(timedelta(minutes=2), timedelta(minutes=9))

    assert await eventually(is_known, 60)
    assert ladders["trigger"].first == timedelta(minutes=1)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    bridge.close()
