"""`manage.py reset_two_factor EMAIL`: for somebody whose devices and recovery codes are lost."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from directmail.models import Operator
from directmail.people.two_factor import reset_factors


class Command(BaseCommand):
    """Removes all second factors of one operator."""

    help = (
        "Removes authenticator app, passkeys and recovery codes of an operator, who is logged out,"
        " then logs in with the password alone, and gets a mail about it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        operator = Operator.objects.filter(email=email).first()
        if operator is None:
            raise CommandError(f"There is no operator {email}.")
        if not reset_factors(operator):
            raise CommandError(f"{email} has no two-factor.")
        self.stdout.write(f"{email} can log in with the password alone now.")
