"""`manage.py run_relay`: the relay process, wired from the settings."""

import asyncio
import functools
import gc
import logging
import os
import signal
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from smtp_gateway import own_mail, queue, wake
from smtp_gateway.bridge import LOOK_UPS, Bridge
from smtp_gateway.delivery_rules.watch import RulesWatch
from smtp_gateway.directory import find_signing_keys
from smtp_gateway.log_context import leave_out_what_no_line_shows
from smtp_gateway.loop_database import LoopDatabase
from smtp_gateway.relay import engine
from smtp_gateway.relay.couriers import Couriers
from smtp_gateway.relay.destination import Whither
from smtp_gateway.relay.kept_dialogues import kept_transcripts
from smtp_gateway.relay.mx.delivery import DirectDelivery
from smtp_gateway.relay.next_hop import InvalidRelayUrl
from smtp_gateway.relay.pool import Open
from smtp_gateway.relay.session import Timeouts, open_session
from smtp_gateway.relay.signing import Signing
from smtp_gateway.routes.loading import default_spec
from smtp_gateway.routes.watch import RoutingWatch
from smtp_gateway.suppressing.watch import SuppressionWatch

_STATEMENT_TIMEOUT = timedelta(seconds=9)


class Command(BaseCommand):
    """Leases due mail and relays it, until SIGTERM or SIGINT."""

    help = "Relays queued mail to the next hop, or into the local mailbox."

    def handle(self, *args: Any, **options: Any) -> None:
        leave_out_what_no_line_shows()
        try:
            default_spec()
        except InvalidRelayUrl as error:
            raise CommandError(str(error)) from None
        # What is loaded by now stays for good: a collection that looked at it would take 0.2 s.
        gc.freeze()
        uvloop.run(_run())


async def _run() -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    bridge = Bridge(planner=LOOK_UPS)
    heartbeat_bridge = Bridge(database_threads=1, planner=LOOK_UPS)
    watch = RoutingWatch(bridge)
    watching = asyncio.create_task(watch.run())
    rules = await RulesWatch.begin(bridge)
    watching_rules = asyncio.create_task(rules.run())
    own_domain = settings.SYSTEM_MAIL_FROM.rpartition("@")[2]
    signing = Signing(find_signing_keys, bridge, own_domain=own_domain)
    suppressions = SuppressionWatch(LoopDatabase(statement_timeout=_STATEMENT_TIMEOUT))
    watching_suppressions = asyncio.create_task(suppressions.flush_forever())
    in_order = await engine.run(
        engine.Relay(
            bridge=bridge,
            heartbeat_bridge=heartbeat_bridge,
            routing=watch.current,
            couriers=Couriers(functools.partial(_open_to, DirectDelivery(bridge)), rules.ladders),
            signing=signing,
            making=lambda: rules.rules.making,
            suppressed=suppressions.look_up,
            paces=lambda: rules.rules.paces,
            record=_record,
            hints=wake.hints,
            finish_seconds=settings.RELAY_STOP.total_seconds(),
            wake=wake.Waker().wake,
        ),
        stopping,
    )
    watching.cancel()
    watching_rules.cancel()
    watching_suppressions.cancel()
    if in_order:
        for each in (signing, bridge, heartbeat_bridge):
            each.close()
    # The last QUITs go out.
    await asyncio.sleep(0.01)
    # All is done. A thread that waits for the database, or a connection to Redis that is just being
    # opened, would keep the process, or its event loop's end, for as long as that takes.
    logging.shutdown()
    os._exit(0)


def _open_to(direct: DirectDelivery, whither: Whither) -> Open:
    route = whither.route
    if route.kind == "mx":
        opener = direct.opener(source_ipv4=route.source_ipv4, source_ipv6=route.source_ipv6)
        return functools.partial(opener.open, whither.domain)
    hop = route.hop
    if hop is None:
        raise RuntimeError("A route that leads nowhere.")
    return functools.partial(
        open_session, hop, our_name=settings.SMTP_HOSTNAME, timeouts=Timeouts()
    )


def _record(relay_id: int, outcomes: Sequence[queue.Outcome]) -> set[int]:
    transcripts = kept_transcripts(outcomes)
    if not any(outcome.delivery.origin == "system" for outcome in outcomes):
        return queue.record(relay_id=relay_id, outcomes=outcomes, transcripts=transcripts)
    with transaction.atomic():
        recorded = queue.record(relay_id=relay_id, outcomes=outcomes, transcripts=transcripts)
        own_mail.report([o for o in outcomes if o.delivery.delivery_id in recorded])
    return recorded
