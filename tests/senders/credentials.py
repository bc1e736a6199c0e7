"""SMTP passwords for tests."""

from datetime import datetime

from django.utils import timezone

from senders import credential_services as credentials
from senders import smtp_password
from senders.credential_services import NewCredential
from senders.models import SenderAddress, SmtpCredential


def wanted(name: str = "web", **changes: object) -> NewCredential:
    return NewCredential(**{"name": name, "password": smtp_password.generate(), **changes})  # type: ignore[arg-type]


def add(sender: SenderAddress, name: str = "web", **changes: object) -> SmtpCredential:
    return credentials.add_credential(sender, wanted(name, **changes), now=timezone.now())


def states(sender: SenderAddress, now: datetime | None = None) -> dict[str, str]:
    at = now or timezone.now()
    return {each.name: each.state(at).value for each in sender.credentials.all()}
