"""Which MTA-STS policy holds for a domain: cached, fetched, refreshed (RFC 8461 section 5.1)."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.utils import timezone

from smtp_gateway.relay.mx.answers import LookUpFailed
from smtp_gateway.relay.mx.cache import Cache
from smtp_gateway.relay.mx.resolver import Resolver
from smtp_gateway.relay.mx.sts_fetch import FetchFailed, PolicyFetcher
from smtp_gateway.relay.mx.sts_policy import Policy, read_policy_id

log = logging.getLogger(__name__)

# RFC 8461 section 3.3: failed fetches are not repeated sooner; policies are refreshed in time.
_RETRY_SECONDS = 300.0
_REFRESH_AFTER = timedelta(days=1)
_DOMAINS = 20_000


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """A policy as it was fetched; it holds until `expires_at`."""

    policy: Policy
    fetched_at: datetime

    @property
    def expires_at(self) -> datetime:
        return self.fetched_at + timedelta(seconds=self.policy.max_age_seconds)

    def is_due(self, now: datetime) -> bool:
        """Whether it should be fetched again, long before it expires."""
        return now >= min(self.fetched_at + _REFRESH_AFTER, self._half_way)

    @property
    def _half_way(self) -> datetime:
        return self.fetched_at + timedelta(seconds=self.policy.max_age_seconds / 2)


class PolicyStore(Protocol):
    """Where policies outlive the process."""

    async def get(self, domain: str) -> KnownPolicy | None:
        """What was last put there, even if it has expired."""

    async def put(self, domain: str, known: KnownPolicy) -> None:
        """Keeps `known` in place of what was there."""


class Policies:
    """The policies of recipient domains."""

    def __init__(
        self,
        *,
        resolver: Resolver,
        store: PolicyStore,
        fetcher: PolicyFetcher,
        now: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._resolver, self._store, self._fetcher, self._now = resolver, store, fetcher, now
        self._failed: Cache[bool] = Cache(_DOMAINS, lambda: now().timestamp())
        self._fetching: dict[str, asyncio.Task[Policy | None]] = {}

    async def of(self, domain: str) -> Policy | None:
        """What holds for `domain`, a name in A-labels; None: nothing.

        A policy that holds is kept where its record is gone, or a newer one cannot be fetched:
        else whoever can disturb either could switch the protection off.
        """
        policy_id = await self._announced(domain)
        known = await self._store.get(domain)
        now = self._now()
        if known is not None and known.expires_at <= now:
            known = None
        if policy_id and (known is None or known.policy.policy_id != policy_id):
            fetched = await self._fetched(domain, policy_id)
            return fetched or (known.policy if known else None)
        if known is None:
            return None
        if policy_id and known.is_due(now):
            self._start(domain, policy_id)
        return known.policy

    async def _announced(self, domain: str) -> str:
        try:
            return read_policy_id((await self._resolver.txt(f"_mta-sts.{domain}")).records)
        except LookUpFailed:
            return ""

    async def _fetched(self, domain: str, policy_id: str) -> Policy | None:
        task = self._start(domain, policy_id)
        # Shielded: others may wait for the same.
        return await asyncio.shield(task) if task else None

    def _start(self, domain: str, policy_id: str) -> asyncio.Task[Policy | None] | None:
        """The fetch that is under way, or begins; None: the last one failed just now."""
        if domain in self._fetching:
            return self._fetching[domain]
        if self._failed.get(domain):
            return None
        task = asyncio.create_task(self._fetch(domain, policy_id))
        self._fetching[domain] = task
        task.add_done_callback(lambda _: self._fetching.pop(domain, None))
        return task

    async def _fetch(self, domain: str, policy_id: str) -> Policy | None:
        try:
            policy = await self._fetcher.fetch(domain, policy_id)
        except FetchFailed as failed:
            self._failed.put(domain, True, _RETRY_SECONDS)
            log.warning("mta_sts.fetch_failed", extra={"domain": domain, "error": str(failed)})
            return None
        await self._store.put(domain, KnownPolicy(policy, self._now()))
        return policy
