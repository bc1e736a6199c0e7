"""`manage.py lift_log_in_lock`: lets a sender address or an IP log in again at once."""

import asyncio
import ipaddress
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from senders.audit.recording import Target, record
from smtp_gateway.submission.address import normalize
from smtp_gateway.submission.log_in_budget import HOME_SECONDS
from smtp_gateway.submission.networks import place_of
from smtp_gateway.submission.session import peer_of
from smtp_gateway.submission.shared_failures import REDIS_AWAY, SharedFailures


class Command(BaseCommand):
    """Forgets failed log-ins that Redis counts, over all gateways."""

    help = "Lifts a lock-out: forgets the failed log-ins of a sender address, or from an IP."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "address_or_ip", help="a sender address, an IP address, or a /64 of IPv6"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        text = options["address_or_ip"].strip()
        address = normalize(text) if "@" in text else ""
        place = "" if address else _place(text)
        try:
            was_counted = asyncio.run(_forget(address, place))
        except REDIS_AWAY as error:
            raise CommandError(f"Redis does not answer ({error}); see REDIS_URL.") from None
        if was_counted:
            on = Target("log_in_lock", address or place, address or place)
            record(action="log_in_lock.lifted", on=on)
            self.stdout.write(f"Failed log-ins of {address or place} count no more.")
        else:
            self.stdout.write(f"No failed log-in of {address or place} is counted.")


def _place(text: str) -> str:
    """As failures are counted: an IPv4 address, or the /64 of an IPv6 one. Raises CommandError."""
    try:
        ip = str(ipaddress.IPv6Network(text)[0]) if text.endswith("/64") else text
        return place_of(peer_of((ip,), "").ip, ()).network
    except ValueError:
        raise CommandError(f"{text!r} is neither a mail address nor an IP address.") from None


async def _forget(address: str, place: str) -> bool:
    shared = SharedFailures(settings.REDIS_URL, home_seconds=HOME_SECONDS)
    try:
        return await (shared.forget_user(address) if address else shared.forget_place(place))
    finally:
        await shared.close()
