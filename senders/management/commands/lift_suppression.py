"""`manage.py lift_suppression`: a recipient or a domain gets mail again, for scripts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from senders.errors import InvalidField
from senders.suppression import Reason, Suppression
from senders.suppressions.services import lift
from senders.suppressions.target import read_target


class Command(BaseCommand):
    """Lifts every suppression of a recipient, or those of one reason or one sender."""

    help = "Lifts the suppressions of a recipient or a domain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("recipient", help="an address, or a domain such as example.com")
        parser.add_argument("--reason", default="", choices=Reason.values, help="only of this one")
        parser.add_argument("--sender", default="", help="only that of this sender address")
        parser.add_argument("--why", required=True, help="kept in the history")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            target = read_target(options["recipient"])
        except InvalidField as error:
            raise CommandError(str(error)) from None
        rows = Suppression.objects.living(now).filter(target=target)
        if options["reason"]:
            rows = rows.filter(reason=options["reason"])
        if options["sender"]:
            rows = rows.of_sender(options["sender"].strip().lower())
        count = lift(rows, why=options["why"], now=now)
        if not count:
            raise CommandError(f"{target} is not suppressed.")
        self.stdout.write(f"{target} gets mail again; lifted: {count}.")
