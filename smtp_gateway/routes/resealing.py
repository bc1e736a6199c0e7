"""Keeps the passwords of routes readable after a change of SECRET_KEY."""

import logging

from senders.sealing import NoKeyFits, reseal
from smtp_gateway.models import Route

log = logging.getLogger(__name__)


def reseal_passwords() -> int:
    """Seals under the present SECRET_KEY what a former one sealed; how many there were."""
    resealed = 0
    for route in Route.objects.exclude(sealed_password=""):
        try:
            sealed = reseal(route.sealed_password)
        except NoKeyFits:
            log.error("route.password_cannot_be_opened", extra={"route": route.name})  # noqa: TRY400 - said it all
            continue
        if sealed != route.sealed_password:
            # Only as it was read: somebody may have entered another meanwhile. No relay has to
            # hear of it, so `changed_at` stays.
            same = Route.objects.filter(pk=route.pk, sealed_password=route.sealed_password)
            resealed += same.update(sealed_password=sealed)
    return resealed
