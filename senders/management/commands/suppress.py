"""`manage.py suppress`: no more mail to a recipient or a domain, for scripts."""

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from senders.errors import InvalidField
from senders.models import MailType
from senders.suppression import Reason
from senders.suppressions.services import suppress
from senders.suppressions.shape import as_shape


class Command(BaseCommand):
    """Suppresses one recipient, or with a domain everybody there and below it."""

    help = "Suppresses a recipient or a domain: all mail, that of one type or of one sender."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("recipient", help="an address, or a domain such as example.com")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--sender", default="", help="only mail of this sender address")
        whose.add_argument("--mail-type", default="", choices=MailType.values)
        parser.add_argument("--days", type=float, help="for so long; without it until it is lifted")
        parser.add_argument("--note", default="", help="why")
        parser.add_argument("--json", action="store_true", help="print the suppression as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        days = options["days"]
        try:
            row = suppress(
                reason=Reason.MANUAL,
                recipient_or_domain=options["recipient"],
                sender_address=options["sender"],
                mail_type=options["mail_type"],
                note=options["note"][:500],
                expires_at=None if days is None else now + timedelta(days=days),
                now=now,
            )
        except (InvalidField, OverflowError) as error:
            raise CommandError(str(error)) from None
        told = json.dumps(as_shape(row, now)) if options["json"] else f"{row.target} is suppressed."
        self.stdout.write(told)
