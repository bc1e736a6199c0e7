"""`manage.py set_smtp_password`: Set SMTP Password, for scripts."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from senders import services, smtp_password
from senders.finding import find_sender
from senders.shape import as_shape


class Command(BaseCommand):
    """Sets the SMTP password of one sender address; a generated one is printed, once."""

    help = "Sets the SMTP password of a sender address and so switches SMTP on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        source = parser.add_mutually_exclusive_group()
        source.add_argument(
            "--generate", action="store_true", help="make one and print it (the default)"
        )
        source.add_argument(
            "--password-stdin", action="store_true", help="read it from the first line of stdin"
        )
        parser.add_argument("--json", action="store_true", help="print the address as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        sender = find_sender(options["address"])
        typed = options["password_stdin"]
        password = sys.stdin.readline().rstrip("\r\n") if typed else smtp_password.generate()
        try:
            services.set_smtp_password(sender, password=password)
        except services.PasswordRefused as refusal:
            raise CommandError(str(refusal)) from None
        if options["json"]:
            shown = as_shape(sender, timezone.now())
            self.stdout.write(json.dumps(shown if typed else {**shown, "password": password}))
        else:
            self.stdout.write(f"SMTP is on for {sender.address}." if typed else password)
