"""`manage.py import_suppressions`: a list from a file or from standard input, of any length."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from senders.errors import InvalidField
from senders.models import MailType
from senders.suppression import Reason
from senders.suppressions.importing import Finding, import_list, look
from senders.suppressions.whose import check_sender, sender_form


class Command(BaseCommand):
    """Imports a list line by line; to import it twice changes nothing."""

    help = "Imports suppressions: an address or a domain a line, or CSV with a header line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="- for standard input")
        parser.add_argument("--reason", default=Reason.MANUAL.value, choices=Reason.values)
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--sender", default="", help="only mail of this sender address")
        whose.add_argument("--mail-type", default="", choices=MailType.values)
        parser.add_argument("--dry-run", action="store_true", help="only say what it would do")

    def handle(self, *args: Any, **options: Any) -> None:
        choices = {
            "reason": options["reason"],
            "sender_address": sender_form(options["sender"]),
            "mail_type": options["mail_type"],
        }
        try:
            check_sender(choices["sender_address"])
        except InvalidField as error:
            raise CommandError(str(error)) from None
        work = look if options["dry_run"] else import_list
        try:
            with ExitStack() as stack:
                finding = work(_lines(options["file"], stack), choices, timezone.now())
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The list cannot be read: {error}") from None
        self._tell(finding, is_dry=options["dry_run"])

    def _tell(self, finding: Finding, *, is_dry: bool) -> None:
        for fault in finding.faults:
            self.stderr.write(f"line {fault.line}: {fault.text}: {fault.why}")
        what = "would be new" if is_dry else "new"
        ended = f", {finding.ended} passed over as they have ended" if finding.ended else ""
        self.stdout.write(
            f"{finding.lines} lines: {finding.new} {what}, {finding.known} known,"
            f" {finding.bad} bad{ended}"
        )


def _lines(name: str, stack: ExitStack) -> Iterable[str]:
    if name == "-":
        return sys.stdin
    return stack.enter_context(Path(name).open(encoding="utf-8-sig", newline=""))
