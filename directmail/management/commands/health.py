"""`manage.py health`: all checks now, each in a line, and how to mend what is not good."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from directmail.health_checks import running
from directmail.health_checks.values import EXIT_CODES, worst
from directmail.health_checks.wording import Shown, shown


class Command(BaseCommand):
    """Exit code as monitoring plug-ins have it: 0 good, 1 look at it, 2 mend it, 3 not known."""

    help = "Says whether all of the installation works, and how to mend what does not."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--problems", action="store_true", help="only what is not good, nothing if all is"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        results = running.run_all()
        chosen = running.problems(results) if options["problems"] else results
        for result in chosen:
            self._print(shown(result))
        sys.exit(EXIT_CODES[worst(results)])

    def _print(self, line: Shown) -> None:
        self.stdout.write(f"{line.state.upper():8} {line.title}: {line.sentence}")
        if line.mending:
            self.stdout.write(f"{'':8} {line.mending}")
        if line.command:
            self.stdout.write(f"{'':8} {line.command}")
