"""`manage.py list_routes`: the Routes page, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from smtp_gateway.routes.reading import Row, default_row, route_rows


class Command(BaseCommand):
    """Lists every route in its order, the default last."""

    help = "Lists the routes in their order; the default, which takes everything else, is last."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [*route_rows(), default_row()]
        if options["json"]:
            self.stdout.write(json.dumps([_shape(row) for row in rows]))
            return
        for row in rows:
            self.stdout.write(_line(row))


def _shape(row: Row) -> dict[str, object]:
    """Facts in JSON's types, without credentials; the default has no number."""
    spec = row.spec
    return {
        "number": row.number or None,
        "name": spec.name,
        "kind": spec.kind,
        "enabled": row.is_enabled,
        "takes": row.words.mail if row.number else "Everything else",
        "leads_to": row.words.where,
        "host": spec.hop.host if spec.hop else None,
        "port": spec.hop.port if spec.hop else None,
        "security": spec.hop.security.value if spec.hop else None,
        "problem": spec.problem or None,
        "warnings": list(row.words.warnings),
    }


def _line(row: Row) -> str:
    """The same for people, on one line."""
    if not row.number:
        return f"-  Everything else  {row.words.where}{_trouble(row)}"
    state = "" if row.is_enabled else " (off)"
    where = f"{row.words.where}{_trouble(row)}"
    return f"{row.number}  {row.spec.name}{state}  {row.words.mail}  {where}"


def _trouble(row: Row) -> str:
    return f"  CANNOT BE USED: {row.spec.problem}" if row.spec.problem else ""
