"""`manage.py changepassword EMAIL`: Django's, and the audit log tells of it."""

from typing import Any

from django.contrib.auth.management.commands import changepassword

from directmail.audited import target_of
from directmail.models import Operator
from senders.audit.recording import CHANGED, record


class Command(changepassword.Command):
    """Sets another password for an operator."""

    def handle(self, *args: Any, **options: Any) -> str:
        said = super().handle(*args, **options)
        operator = Operator.objects.filter(email=options["username"]).first()
        if operator is not None:
            record(
                action="operator.password_changed",
                on=target_of(operator),
                after={"password": CHANGED},
            )
        return str(said)
