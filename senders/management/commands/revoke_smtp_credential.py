"""`manage.py revoke_smtp_credential`: the end of one SMTP password, for scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from senders.credential_services import revoke_credential
from senders.credential_shape import as_shape
from senders.finding import find_sender
from senders.models import SmtpCredential


class Command(BaseCommand):
    """Revokes one credential, for good; the others of the address go on working."""

    help = "Revokes one SMTP credential of a sender address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("name", help='as it stands in the list, such as "SMTP password"')
        parser.add_argument("--json", action="store_true", help="print the credential as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        sender = find_sender(options["address"])
        living = SmtpCredential.objects.select_related("sender").living(now).filter(sender=sender)
        credential = living.filter(name__iexact=options["name"].strip()).first()
        if credential is None:
            raise CommandError(
                f"No password of {sender.address} that works is called {options['name']}."
            )
        revoke_credential(credential, now=now)
        if options["json"]:
            self.stdout.write(json.dumps(as_shape(credential, timezone.now())))
        else:
            self.stdout.write(f"{credential.name} of {sender.address} is revoked.")
