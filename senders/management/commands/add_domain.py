"""`manage.py add_domain`: Add a domain, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from senders.domains.services import add_domain
from senders.domains.shape import as_shape
from senders.domains.shown import show
from senders.errors import InvalidField


class Command(BaseCommand):
    """Adds a domain with keys for its mail, and prints the records to publish."""

    help = "Adds a sender domain and prints the DNS records to publish."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            row = add_domain(options["domain"], now=now)
        except InvalidField as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(as_shape(row, now)))
            return
        self.stdout.write("Publish these records in DNS:\n\n")
        for record in show(row, now).records:
            finding = record.finding
            self.stdout.write(f"{record.title} ({record.need})\n")
            self.stdout.write(f"  {finding.record_type}  {finding.name}\n  {record.value}\n\n")
        self.stdout.write(
            "Then run manage.py check_domains, or wait: DirectMail looks every few minutes.\n"
        )
