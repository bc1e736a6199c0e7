"""Two-factor as allauth does it, with secrets sealed and passkeys bound to PUBLIC_URL's host."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from directmail.models import Operator
from senders.sealing import seal, unseal


class SealingMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What is read again to check a code is not readable in a copy of the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That was not recognised. Try again, or use another way."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text.encode())

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text).decode()

    def generate_authenticator_name(self, user: Operator, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        # A name of the installation, not of the request: behind a proxy the latter may be another.
        return {"id": urlsplit(settings.PUBLIC_URL).hostname, "name": "DirectMail"}
