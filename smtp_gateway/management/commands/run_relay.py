"""`manage.py run_relay`: the relay process, wired from the settings."""

import asyncio
import functools
import gc
import logging
import os
import signal
from collections.abc import Sequence
from typing import Any

import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from smtp_gateway import own_mail, queue, wake
from smtp_gateway.bridge import LOOK_UPS, Bridge
from smtp_gateway.log_context import leave_out_what_no_line_shows
from smtp_gateway.relay import engine
from smtp_gateway.relay.couriers import Couriers
from smtp_gateway.relay.destination import Whither
from smtp_gateway.relay.next_hop import InvalidRelayUrl, NextHop, parse_relay_url
from smtp_gateway.relay.pool import Open
from smtp_gateway.relay.retry import Ladder, Ladders
from smtp_gateway.relay.routes import RouteSpec, Routing
from smtp_gateway.relay.session import Timeouts, open_session


class Command(BaseCommand):
    """Leases due mail and relays it, until SIGTERM or SIGINT."""

    help = "Relays queued mail to the next hop, or into the local mailbox."

    def handle(self, *args: Any, **options: Any) -> None:
        leave_out_what_no_line_shows()
        try:
            hop = _next_hop()
        except InvalidRelayUrl as error:
            raise CommandError(str(error)) from None
        # What is loaded by now stays for good: a collection that looked at it would take 0.2 s.
        gc.freeze()
        uvloop.run(_run(hop))


async def _run(hop: NextHop | None) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    bridge = Bridge(planner=LOOK_UPS)
    heartbeat_bridge = Bridge(database_threads=1, planner=LOOK_UPS)
    routing = Routing(
        smarthost=_default_route(hop) if hop else None,
        allow_unverified_domains=settings.ALLOW_UNVERIFIED_DOMAINS,
        domain_is_verified=_domain_is_verified,
    )
    in_order = await engine.run(
        engine.Relay(
            bridge=bridge,
            heartbeat_bridge=heartbeat_bridge,
            routing=lambda: routing,
            couriers=Couriers(_open_to, _ladders()),
            record=_record,
            hints=wake.hints,
        ),
        stopping,
    )
    if not in_order:
        # A thread that waits for the database would keep the process for as long as that takes.
        logging.shutdown()
        os._exit(0)
    for each in (bridge, heartbeat_bridge):
        each.close()


def _next_hop() -> NextHop | None:
    if not settings.RELAY_URL:
        return None
    return parse_relay_url(settings.RELAY_URL, verify_tls=settings.RELAY_VERIFY_TLS)


def _default_route(hop: NextHop) -> RouteSpec:
    return RouteSpec(0, "RELAY_URL", "smarthost", hop, settings.RELAY_CONNECTIONS)


def _open_to(whither: Whither) -> Open:
    hop = whither.route.hop
    if hop is None:
        raise RuntimeError("A route that leads nowhere.")
    return functools.partial(
        open_session, hop, our_name=settings.SMTP_HOSTNAME, timeouts=Timeouts()
    )


def _ladders() -> Ladders:
    return {
        mail_type: Ladder(settings.RETRY_FIRST[mail_type], settings.RETRY_MAX[mail_type])
        for mail_type in settings.RETRY_FIRST
    }


def _domain_is_verified(_domain: str) -> bool:
    # There is no proof of domains yet, so none has one.
    return False


def _record(relay_id: int, outcomes: Sequence[queue.Outcome]) -> set[int]:
    if not any(outcome.delivery.origin == "system" for outcome in outcomes):
        return queue.record(relay_id=relay_id, outcomes=outcomes)
    with transaction.atomic():
        recorded = queue.record(relay_id=relay_id, outcomes=outcomes)
        own_mail.report([o for o in outcomes if o.delivery.delivery_id in recorded])
    return recorded
