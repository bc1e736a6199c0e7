"""`manage.py create_operator EMAIL --password-stdin`: a person who may log in to the console."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from directmail.operators import OperatorRefused, create_operator
from directmail.roles import Role


class Command(BaseCommand):
    """Makes an operator."""

    help = "Makes an operator, who logs in to the console with this e-mail address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument(
            "--role",
            choices=Role.values,
            default="",
            help="what they may do; otherwise admin where there is none yet, and operator",
        )
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            required=True,
            help="read the password from the first line of standard input",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n")
        try:
            operator = create_operator(
                email=options["email"], password=password, role=options["role"]
            )
        except OperatorRefused as error:
            raise CommandError(str(error)) from None
        made = json.dumps({"email": operator.email, "role": operator.role})
        said = f"{operator.email} can log in now, as {operator.role}."
        self.stdout.write(made if options["json"] else said)
