"""Secrets of two-factor under the present SECRET_KEY."""

import logging

from allauth.mfa.models import Authenticator
from django.db import transaction

from senders.sealing import NoKeyFits, reseal

log = logging.getLogger(__name__)

# Where allauth keeps what its adapter sealed.
_SEALED = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def reseal_secrets() -> None:
    """One that no key opens is left as it is, and named in the log."""
    rows = Authenticator.objects.filter(type__in=list(_SEALED))
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        _reseal(pk)


@transaction.atomic
def _reseal(pk: int) -> None:
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return
    name = _SEALED[row.type]
    try:
        sealed = reseal(row.data[name])
    except NoKeyFits:
        log.warning("two_factor.no_key_fits", extra={"operator_id": row.user_id})
        return
    if sealed != row.data[name]:
        row.data[name] = sealed
        row.save(update_fields=["data"])
