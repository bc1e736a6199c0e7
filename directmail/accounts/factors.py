"""The second factors that an operator has."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings

from directmail.models import Operator


@dataclass(frozen=True, slots=True)
class App:
    """An authenticator app."""

    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey."""

    pk: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """All of them. `codes_left`: unused recovery codes; None: there never were any."""

    app: App | None
    passkeys: tuple[Passkey, ...]
    codes_left: int | None
    passkeys_possible: bool

    @property
    def are_on(self) -> bool:
        return self.app is not None or bool(self.passkeys)


def factors_of(operator: Operator) -> Factors:
    """What the account page shows."""
    rows = list(Authenticator.objects.filter(user=operator).order_by("pk"))
    kinds = Authenticator.Type
    apps = [App(row.created_at, row.last_used_at) for row in rows if row.type == kinds.TOTP]
    codes = [row for row in rows if row.type == kinds.RECOVERY_CODES]
    return Factors(
        app=apps[0] if apps else None,
        passkeys=tuple(_passkey(row) for row in rows if row.type == kinds.WEBAUTHN),
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else None,
        passkeys_possible="webauthn" in settings.MFA_SUPPORTED_TYPES,
    )


def forget_factors(operator: Operator) -> int:
    """Removes all of them, for somebody whose devices are lost; how many there were."""
    deleted, _ = Authenticator.objects.filter(user=operator).delete()
    return int(deleted)


def _passkey(row: Authenticator) -> Passkey:
    return Passkey(row.pk, row.wrap().name, row.created_at, row.last_used_at)
