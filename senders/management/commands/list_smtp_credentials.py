"""`manage.py list_smtp_credentials`: the SMTP passwords of sender addresses, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from senders.credential_shape import as_line, as_shape
from senders.finding import find_sender
from senders.models import SmtpCredential


class Command(BaseCommand):
    """Lists credentials with their state and last use; never a password or a hash."""

    help = "Lists the SMTP credentials of one sender address, or of all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", help="of this one only")
        parser.add_argument("--ended", action="store_true", help="those that ended too")
        parser.add_argument("--json", action="store_true", help="print a JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        rows = SmtpCredential.objects.select_related("sender").order_by(
            "sender__address", "slot", "-id"
        )
        if options["address"]:
            rows = rows.filter(sender=find_sender(options["address"]))
        if not options["ended"]:
            rows = rows.living(now)
        if options["json"]:
            self.stdout.write(json.dumps([as_shape(each, now) for each in rows]))
            return
        for each in rows:
            self.stdout.write(as_line(each, now))
