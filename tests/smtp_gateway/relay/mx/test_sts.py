"""Which MTA-STS policy holds: fetched once, kept, refreshed, never lost to a failure (RFC 8461)."""

import asyncio
import logging
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from smtp_gateway.models import MtaStsPolicy
from smtp_gateway.relay.mx.sts import Policies
from smtp_gateway.relay.mx.sts_policy import Policy
from smtp_gateway.relay.mx.sts_store import DatabasePolicies
from tests.smtp_gateway.relay.internet.internet import Internet
from tests.smtp_gateway.relay.internet.names import Trouble
from tests.smtp_gateway.relay.running import Queue
from tests.smtp_gateway.relay.sending import until

POLICY = Policy("1", "enforce", ("mx.x.test",), 86400)
DAY = timedelta(days=1)


class World:
    """x.test, its policy, and a time that stands still."""

    def __init__(self, internet: Internet, database: Queue) -> None:
        self.internet, self.database = internet, database
        self.now = timezone.now()
        self.policies = self.of_a_new_process()

    def of_a_new_process(self) -> Policies:
        """With nothing in its memory."""
        resolver = self.internet.resolver(clock=lambda: self.now.timestamp())
        store = DatabasePolicies(self.database.bridge)
        return self.internet.policies(resolver, store, now=self._time)

    def _time(self) -> datetime:
        return self.now

    async def holding(self) -> Policy | None:
        return await self.policies.of("x.test")

    @property
    def fetches(self) -> int:
        return len(self.internet.web.requests)

    def withdraw(self) -> None:
        """The policy file is gone."""
        self.internet.web.pages.clear()


@pytest.fixture
async def world(internet: Internet, database: Queue) -> World:
    await internet.policy("x.test", "mx.x.test")
    return World(internet, database)


async def test_a_policy_is_fetched_once_and_kept_in_the_database(world: World) -> None:
    assert await world.holding() == POLICY
    assert await world.of_a_new_process().of("x.test") == POLICY
    assert world.fetches == 1
    row = await world.database.do(MtaStsPolicy.objects.get)
    assert (row.domain, row.policy_id, row.mode, row.mx_patterns, row.max_age_seconds) == (
        "x.test", "1", "enforce", "mx.x.test", 86400,
    )  # fmt: skip
    assert (row.fetched_at, row.expires_at) == (world.now, world.now + DAY)


async def test_a_domain_without_record_has_no_policy(world: World) -> None:
    world.internet.names.remove("_mta-sts.x.test", "TXT")
    assert await world.holding() is None
    assert world.fetches == 0


async def test_a_new_id_brings_a_new_policy(world: World) -> None:
    await world.holding()
    await world.internet.policy("x.test", "mx2.x.test", policy_id="2")
    world.now += timedelta(minutes=10)
    assert await world.holding() == Policy("2", "enforce", ("mx2.x.test",), 86400)
    assert await world.database.do(MtaStsPolicy.objects.count) == 1


async def test_a_policy_is_kept_where_its_successor_cannot_be_fetched(world: World) -> None:
    await world.holding()
    await world.internet.policy("x.test", policy_id="2")
    world.withdraw()
    world.now += timedelta(minutes=10)
    assert await world.holding() == POLICY


@pytest.mark.parametrize("how", ["gone", "failing"])
async def test_a_policy_is_kept_where_its_record_cannot_be_seen(world: World, how: str) -> None:
    await world.holding()
    world.internet.names.remove("_mta-sts.x.test", "TXT")
    if how == "failing":
        world.internet.names.trouble("_mta-sts.x.test", "TXT", Trouble.SERVFAIL)
    world.now += timedelta(hours=23)
    assert await world.holding() == POLICY
    assert world.fetches == 1


async def test_a_policy_ends_when_its_time_is_over(world: World) -> None:
    await world.holding()
    world.withdraw()
    world.now += DAY - timedelta(seconds=1)
    assert await world.holding() == POLICY
    world.now += timedelta(seconds=1)
    assert await world.holding() is None


async def test_a_policy_is_refreshed_while_it_still_holds(world: World) -> None:
    await world.holding()
    world.now += timedelta(hours=13)
    assert await world.holding() == POLICY
    await until(lambda: world.fetches == 2)
    row = await world.database.do(MtaStsPolicy.objects.get)
    await world.database.until(lambda: MtaStsPolicy.objects.get().fetched_at == world.now)
    assert row.policy_id == "1"


async def test_a_failed_fetch_is_not_repeated_for_five_minutes(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    pages = dict(world.internet.web.pages)
    world.withdraw()
    for _ in range(2):
        assert await world.holding() is None
    world.now += timedelta(seconds=299)
    assert (await world.holding(), world.fetches) == (None, 1)
    (record,) = [each for each in caplog.records if each.msg == "mta_sts.fetch_failed"]
    assert (record.levelno, record.domain) == (logging.WARNING, "x.test")  # type: ignore[attr-defined]
    world.internet.web.pages.update(pages)
    world.now += timedelta(seconds=1)
    assert (await world.holding(), world.fetches) == (POLICY, 2)


async def test_who_asks_meanwhile_shares_the_fetch(world: World) -> None:
    assert await asyncio.gather(*(world.holding() for _ in range(8))) == [POLICY] * 8
    assert world.fetches == 1


async def test_a_policy_of_mode_none_takes_the_place_of_another(world: World) -> None:
    await world.holding()
    await world.internet.policy("x.test", mode="none", policy_id="2")
    world.now += timedelta(minutes=10)
    policy = await world.holding()
    assert policy is not None
    assert (policy.mode, policy.is_enforced) == ("none", False)
