"""A running relay hears of changed routes."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from smtp_gateway.bridge import Bridge
from smtp_gateway.models import Route
from smtp_gateway.reasons import DOMAIN_UNVERIFIED
from smtp_gateway.relay.routing import Choice, Routing
from smtp_gateway.routes.watch import RoutingWatch
from tests.senders.domains.factories import make_domain
from tests.smtp_gateway.relay.sending import until
from tests.smtp_gateway.routes.factories import make_route


@pytest.fixture
def bridge(transactional_db: None) -> Iterator[Bridge]:
    bridge = Bridge(database_threads=2)
    yield bridge
    bridge.close()


def make_watch(bridge: Bridge) -> RoutingWatch:
    return RoutingWatch(bridge, look_seconds=0.02)


async def names_become(watch: RoutingWatch, *names: str) -> Routing:
    async with asyncio.timeout(10):
        while [spec.name for spec in (await watch.current()).routes] != list(names):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # a database sets no events
    return await watch.current()


async def choice_of(watch: RoutingWatch) -> Choice:
    routing = await watch.current()
    return routing.route(
        origin="smtp", mail_type="trigger", mail_from="a@sub.example.com", recipient="b@example.org"
    )


async def test_the_first_look_loads_and_later_ones_do_not(bridge: Bridge) -> None:
    await bridge.database(make_route, "One")
    watch = make_watch(bridge)
    first, second = await asyncio.gather(watch.current(), watch.current())
    assert first is second is await watch.current()
    assert [spec.name for spec in first.routes] == ["One"]


async def test_a_change_is_known_soon_and_nothing_new_changes_nothing(bridge: Bridge) -> None:
    watch = make_watch(bridge)
    running = asyncio.create_task(watch.run())
    try:
        before = await names_become(watch)
        await bridge.database(make_route, "New")
        after = await names_become(watch, "New")
        assert after is not before
        await bridge.database(lambda: Route.objects.all().delete())
        await names_become(watch)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_a_domain_that_becomes_verified_may_send_soon(
    bridge: Bridge, settings: Settings
) -> None:
    settings.RELAY_URL = "smtp://relay.example.net"
    watch = make_watch(bridge)
    running = asyncio.create_task(watch.run())
    try:
        assert (await choice_of(watch)).reason_code == DOMAIN_UNVERIFIED
        await bridge.database(make_domain, "example.com", state="verified")
        async with asyncio.timeout(60):
            while (await choice_of(watch)).is_kept:  # noqa: ASYNC110
                await asyncio.sleep(0.01)  # a database sets no events
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_with_the_database_hanging_the_known_routes_stay(
    transactional_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    bridge = Bridge(database_threads=1, statement_timeout=timedelta(milliseconds=50))
    holder = Bridge(database_threads=1)
    watch = make_watch(bridge)
    try:
        await holder.database(make_route, "One")
        before = await watch.current()
        with caplog.at_level(logging.DEBUG, "smtp_gateway.routes.watch"):
            release = Event()
            holding = asyncio.create_task(holder.database(_hold_table, release))
            running = asyncio.create_task(watch.run())
            await until(lambda: "routing.database_away" in caplog.text)
        assert await watch.current() is before
        release.set()
        await holding
        await holder.database(make_route, "Two")
        await names_become(watch, "One", "Two")
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        bridge.close()
        holder.close()


def _hold_table(release: Event) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE smtp_gateway_route IN ACCESS EXCLUSIVE MODE")
        release.wait(10)
