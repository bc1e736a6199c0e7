"""Sending one mail through a smarthost route without queue or database."""

import asyncio
import functools
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from smtp_gateway.queue import LeasedDelivery, Outcome
from smtp_gateway.relay.attempt import Courier
from smtp_gateway.relay.destination import Destination, Whither
from smtp_gateway.relay.next_hop import NextHop, Security
from smtp_gateway.relay.pool import Open, Pool, PoolLimits
from smtp_gateway.relay.retry import Ladder
from smtp_gateway.relay.routing import RouteSpec
from smtp_gateway.relay.session import Session, Timeouts, open_session
from tests.smtp_gateway.relay.next_hop import ScriptedHop

LADDERS = dict.fromkeys(("trigger", "batch"), Ladder(timedelta(seconds=60), timedelta(hours=1)))
PATIENT = Timeouts(connect=10, reply=10, data_block=10, final_dot=10)
VERY_PATIENT = Timeouts(connect=60, reply=60, data_block=600, final_dot=600)
"""For a next hop that keeps its mails for as long as a test takes."""
IMPATIENT = Timeouts(connect=10, reply=0.1, data_block=0.1, final_dot=0.1)
"""For a next hop that never answers."""
CONTENT = b"Subject: Hello\r\n\r\nHello.\r\n"


def make_delivery(recipient: str = "to@example.net", **changes: object) -> LeasedDelivery:
    values: dict[str, object] = {
        "delivery_id": 1, "message_id": 1, "queue_id": "Q1", "origin": "smtp",
        "mail_type": "trigger", "mail_from": "from@example.com", "recipient": recipient,
        "header_message_id": "<1@example.com>", "attempt_count": 0, "size_bytes": len(CONTENT),
        "needs_smtputf8": False, "is_8bit": False,
        "expires_at": timezone.now() + timedelta(days=1),
    }  # fmt: skip
    return LeasedDelivery(**{**values, **changes})  # type: ignore[arg-type]


def hop_at(hop: ScriptedHop, **changes: object) -> NextHop:
    values = {"host": hop.host, "port": hop.port, "security": Security.WHEN_OFFERED, **changes}
    return NextHop(**values)  # type: ignore[arg-type]


def make_courier(
    hop: NextHop,
    *,
    limits: PoolLimits = PoolLimits(4),  # noqa: B008 - frozen
    timeouts: Timeouts = PATIENT,
    connections: int = 0,
) -> Courier:
    async def open_to_hop() -> Session:
        return await open_session(hop, our_name="us.test", timeouts=timeouts)

    route = RouteSpec(
        0, "test", "smarthost", hop, max_connections=connections or limits.connections
    )
    return Courier(Destination(Whither(route), Pool(open_to_hop, limits)), LADDERS)


def open_to(whither: Whither, timeouts: Timeouts = PATIENT) -> Open:
    """As the relay opens its sessions, with the patience of a test."""
    hop = whither.route.hop
    assert hop is not None
    return functools.partial(open_session, hop, our_name="us.test", timeouts=timeouts)


async def relay(
    hop: ScriptedHop,
    *recipients: str,
    content: bytes = CONTENT,
    timeouts: Timeouts = PATIENT,
    **changes: object,
) -> list[Outcome]:
    """The outcomes of one mail to these recipients over a connection of its own."""
    courier = make_courier(hop_at(hop), timeouts=timeouts)
    deliveries = [make_delivery(to, **changes) for to in recipients or ("to@example.net",)]
    try:
        return await courier.relay(deliveries, {1: content})
    finally:
        courier.destination.pool.close()


async def until(condition: Callable[[], object], seconds: float = 5) -> None:
    """Waits for something that happens outside of the test's reach; TimeoutError after a while."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - nobody could set an event for it
            await asyncio.sleep(0.01)
