"""`manage.py list_sender_addresses`: the list of the console, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from senders.models import SenderAddress
from senders.shape import as_line, as_shape


class Command(BaseCommand):
    """Lists every sender address."""

    help = "Lists the sender addresses, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        senders = SenderAddress.objects.with_living_credentials()
        senders = senders.select_related("reply_to_verification")
        if options["json"]:
            self.stdout.write(json.dumps([as_shape(sender, now) for sender in senders]))
            return
        for sender in senders:
            self.stdout.write(as_line(sender, now))
