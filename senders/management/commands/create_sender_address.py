"""`manage.py create_sender_address`: Create Sender Address, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from senders import services
from senders.models import MailType
from senders.shape import as_line, as_shape


class Command(BaseCommand):
    """Creates one sender address."""

    help = "Creates a sender address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--mail-type", required=True, choices=MailType.values)
        parser.add_argument("--reply-to", default="", help="has to be verified before it is used")
        parser.add_argument("--json", action="store_true", help="print the address as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            sender = services.create_sender_address(
                address=options["address"],
                mail_type=options["mail_type"],
                reply_to=options["reply_to"],
                now=now,
            )
        except services.InvalidField as error:
            raise CommandError(str(error)) from None
        shown = json.dumps(as_shape(sender, now)) if options["json"] else as_line(sender, now)
        self.stdout.write(shown)
