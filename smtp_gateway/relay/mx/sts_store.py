"""MTA-STS policies in the database, shared by all relays."""

import logging

from smtp_gateway.bridge import Bridge
from smtp_gateway.models import MtaStsPolicy
from smtp_gateway.relay.database import AWAY
from smtp_gateway.relay.mx.sts import KnownPolicy
from smtp_gateway.relay.mx.sts_policy import Policy

log = logging.getLogger(__name__)


class DatabasePolicies:
    """A PolicyStore. `get` raises AWAY: that nothing was read does not mean that nothing holds."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    async def get(self, domain: str) -> KnownPolicy | None:
        return await self._bridge.database(_read, domain)

    async def put(self, domain: str, known: KnownPolicy) -> None:
        try:
            await self._bridge.database(_write, domain, known)
        except AWAY as error:
            # It is fetched again the next time.
            log.warning("relay.database_away", extra={"error": str(error).strip()})


def _read(domain: str) -> KnownPolicy | None:
    row = MtaStsPolicy.objects.filter(domain=domain).first()
    if row is None:
        return None
    patterns = tuple(row.mx_patterns.splitlines())
    policy = Policy(row.policy_id, row.mode, patterns, row.max_age_seconds)
    return KnownPolicy(policy, row.fetched_at)


def _write(domain: str, known: KnownPolicy) -> None:
    policy = known.policy
    MtaStsPolicy.objects.update_or_create(
        domain=domain,
        defaults={
            "policy_id": policy.policy_id,
            "mode": policy.mode,
            "mx_patterns": "\n".join(policy.mx_patterns),
            "max_age_seconds": policy.max_age_seconds,
            "fetched_at": known.fetched_at,
            "expires_at": known.expires_at,
        },
    )
