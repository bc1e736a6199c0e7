"""`manage.py create_dkim_keys`: Generate DKIM Keys, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from senders import dkim_services
from senders.dkim_shape import as_shape
from senders.services import InvalidField


class Command(BaseCommand):
    """Makes an RSA and an Ed25519 key and prints the records that publish them."""

    help = "Generates DKIM keys of a domain and prints the DNS records to publish."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        parser.add_argument("--json", action="store_true", help="print a JSON array of the keys")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            keys = dkim_services.generate_dkim_keys(options["domain"], now=timezone.now())
        except InvalidField as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps([as_shape(key) for key in keys]))
            return
        self.stdout.write("Publish these TXT records in DNS:\n\n")
        for key in keys:
            self.stdout.write(f"{key.record.name}\n  {key.record.value}\n\n")
        self.stdout.write("The same as lines of a zone file, in strings of 255 octets at most:\n\n")
        for key in keys:
            self.stdout.write(f"{key.record.zone_line}\n")
        self.stdout.write(
            "\nThey sign nothing yet. Of a domain that was added in the console, each is activated "
            "once its record is found in DNS; others by hand, under DKIM Keys.\n"
        )
