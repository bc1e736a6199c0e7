"""`manage.py ledger`: proves that no accepted mail is lost, and says where all of it is."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from smtp_gateway.queue import ledger
from smtp_gateway.queue.ledger import Ledger, Line

_COLUMNS = (
    "Accepted", "Relayed", "Kept here", "Bounced later", "Queued", "Being relayed", "Set aside",
    "Bounced", "Expired", "Cancelled",
)  # fmt: skip
_SUM = "Accepted = relayed + kept here + waiting + bounced + expired + cancelled"


class Command(BaseCommand):
    """Prints the ledger; fails with a sentence where something is missing."""

    help = (
        f"Counts recipients: {_SUM.lower()}. Waiting is queued, being relayed or set aside;"
        " what bounced later stands among the relayed, too."
        " Exits with 1 and says why where that does not hold, or where mail cannot be relayed"
        " because its recipients or its content are gone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON object")
        parser.add_argument("--by", choices=ledger.GROUPINGS, help="a line for each of these")

    def handle(self, *args: Any, **options: Any) -> None:
        counted = ledger.count(options["by"])
        if options["json"]:
            self.stdout.write(json.dumps(_shape(counted, options["by"])))
        else:
            self._print(counted, options["by"])
        if counted.faults:
            raise CommandError(" ".join(counted.faults))

    def _print(self, counted: Ledger, by: str | None) -> None:
        rows = [_row(line.name or "(DirectMail itself)", line) for line in counted.lines if by]
        head = [(by or "").capitalize(), *_COLUMNS]
        for line in _aligned([head, *rows, _row("All", counted.total)]):
            self.stdout.write(line)
        if not counted.faults:
            self.stdout.write(f"{_SUM}: it holds.")


def _row(name: str, line: Line) -> list[str]:
    numbers = (
        line.accepted, line.relayed, line.kept, line.returned, line.queued, line.being_relayed,
        line.set_aside, line.bounced, line.expired, line.cancelled,
    )  # fmt: skip
    return [name, *map(str, numbers)]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in rows
    ]


def _shape(counted: Ledger, by: str | None) -> dict[str, Any]:
    lines = [_line_shape(line) for line in counted.lines]
    return {
        **{key: value for key, value in _line_shape(counted.total).items() if key != "name"},
        "holds": not counted.faults,
        "faults": counted.faults,
        **({f"by_{by}": lines} if by else {}),
    }


def _line_shape(line: Line) -> dict[str, Any]:
    return {**asdict(line), "waiting": line.waiting}
