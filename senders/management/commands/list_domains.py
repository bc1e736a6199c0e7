"""`manage.py list_domains`: the list of the console, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from senders.domains.shape import as_lines, as_shape
from senders.models import SenderDomain


class Command(BaseCommand):
    """Lists every sender domain with what the last check found; asks no DNS."""

    help = "Lists the sender domains, with the records that were not found."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        now, rows = timezone.now(), SenderDomain.objects.all()
        if options["json"]:
            self.stdout.write(json.dumps([as_shape(row, now) for row in rows]))
            return
        for row in rows:
            self.stdout.write("\n".join(as_lines(row, now)))
