"""`manage.py check_domains`: Check now, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from senders.dkim_services import valid_domain
from senders.domains.services import check_domain
from senders.domains.shape import as_lines, as_shape
from senders.errors import InvalidField
from senders.models import SenderDomain


class Command(BaseCommand):
    """Looks into DNS now, in this very process; ends with 1 where a domain does not count."""

    help = "Checks the DNS records of sender domains, of all or of those that are named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domains", nargs="*", metavar="domain")
        parser.add_argument("--json", action="store_true", help="print a JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [_find(name) for name in options["domains"]] or list(SenderDomain.objects.all())
        checked = [check_domain(row.pk, now=timezone.now()) for row in rows]
        found, now = [row for row in checked if row is not None], timezone.now()
        if options["json"]:
            self.stdout.write(json.dumps([as_shape(row, now) for row in found]))
        else:
            for row in found:
                self.stdout.write("\n".join(as_lines(row, now)))
        if not all(row.counts(now) for row in found):
            raise SystemExit(1)


def _find(name: str) -> SenderDomain:
    try:
        row: SenderDomain | None = SenderDomain.objects.filter(domain=valid_domain(name)).first()
    except InvalidField as error:
        raise CommandError(str(error)) from None
    if row is None:
        raise CommandError(f"There is no domain {name}. Add it by manage.py add_domain.")
    return row
