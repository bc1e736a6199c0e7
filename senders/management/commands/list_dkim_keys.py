"""`manage.py list_dkim_keys`: the keys of the console, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from senders.dkim_shape import as_line, as_shape
from senders.models import DkimKey


class Command(BaseCommand):
    """Lists every DKIM key that is not deleted; never a private key."""

    help = "Lists the DKIM keys by domain, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = DkimKey.objects.present()
        if options["json"]:
            self.stdout.write(json.dumps([as_shape(key) for key in keys]))
            return
        for key in keys:
            self.stdout.write(as_line(key))
