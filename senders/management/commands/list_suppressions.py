"""`manage.py list_suppressions`: who gets no mail, for scripts."""

import json
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from senders.listing.asked import Asked
from senders.listing.keyset import walk
from senders.suppression import Reason, Scope
from senders.suppressions.listing import EVERY_STATE, fetch, listing_for
from senders.suppressions.shape import as_shape


class Command(BaseCommand):
    """Lists suppressions a line each, as they are read: a million takes no more memory than one."""

    help = "Lists suppressions, the newest first; with a search by recipient."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("search", nargs="?", default="", help="as on the Suppressions page")
        parser.add_argument("--reason", default="", choices=Reason.values)
        parser.add_argument("--scope", default="", choices=Scope.values)
        parser.add_argument("--sender", default="", help="only of this sender address")
        parser.add_argument("--all", action="store_true", help="also what was lifted or expired")
        parser.add_argument("--json", action="store_true", help="print a JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        query = {
            "q": options["search"],
            "reason": options["reason"],
            "scope": options["scope"],
            "sender": options["sender"].strip().lower(),
            "state": EVERY_STATE if options["all"] else "",
        }
        asked = Asked.of(listing_for(query), query)
        for rows in walk(asked.export_cursor, partial(fetch, asked)):
            for row in rows:
                shape = as_shape(row, now)
                plain = f"{row.target}  {row.reason}  {shape['state']}  {shape['created_at']}"
                self.stdout.write(json.dumps(shape) if options["json"] else plain)
