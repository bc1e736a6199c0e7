"""Signs what the relay is about to send: keys looked up and remembered, the work done on threads.

`cryptography` and SHA-256 release the GIL, so threads beside the event loop use the other cores.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from smtp_gateway.bridge import Bridge
from smtp_gateway.relay.database import insist
from smtp_gateway.relay.dkim import PrivateKey, UnusableKey, fields_over, hashed, load_key
from smtp_gateway.signing_key import SigningKey

FindKeys = Callable[[Collection[str]], Mapping[str, Sequence[SigningKey]]]

KEY_UNUSABLE = "dkim-key-unusable"
"""The reason code of a delivery that waits for its domain's keys to be put right."""
# How long an activated or retired key may go unnoticed.
REMEMBERED = timedelta(seconds=10)
# One job of a thread: long enough that handing it over costs little, short enough to be shared.
_MAILS_A_JOB = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a domain until `until`, by the clock of `time.monotonic`."""

    until: float
    parsed: Mapping[SigningKey, PrivateKey] = field(repr=False)
    unusable: Sequence[str] = ()
    """The selectors of keys that cannot sign."""

    @property
    def signs_as(self) -> str:
        """The domain of the keys: the mail's own, or one above it."""
        return next(iter(self.parsed)).domain

    @property
    def is_faulty(self) -> bool:
        """Whether there are active keys, and none of them can sign."""
        return bool(self.unusable) and not self.parsed


_NOTHING = _Known(0.0, {})
_Job = tuple[int, str, bytes, bytes, Sequence[PrivateKey]]


class Signing:
    """The signatures for mails of any domain.

    `find_keys` gives the active keys of domains and may block. `remembered`: for how long what it
    said counts; private keys are in memory only meanwhile. `own_domain`: of DirectMail's own mail,
    for what has no envelope sender, such as reports.
    """

    def __init__(
        self,
        find_keys: FindKeys,
        bridge: Bridge,
        *,
        remembered: timedelta = REMEMBERED,
        own_domain: str = "",
    ) -> None:
        self.own_domain = own_domain
        self._find_keys, self._bridge = find_keys, bridge
        self._seconds = remembered.total_seconds()
        self._known: dict[str, _Known] = {}
        self._faulty: set[str] = set()
        self._forget_at = 0.0
        cores = len(os.sched_getaffinity(0))
        self._threads = ThreadPoolExecutor(max(1, cores), thread_name_prefix="signing")

    async def sign(
        self, mails: Sequence[tuple[str, bytes]], fronts: Sequence[bytes] = ()
    ) -> list[bytes]:
        """For each mail, a sender's domain and the content, the header fields to put in front.

        `fronts`: for each mail the fields that stand before the content already; none: nothing
        does. The same content several times in a row is hashed once.

        Empty for a domain without active keys, and for one whose keys are all unusable: `fault`
        tells the two apart. Waits where the database is away.
        """
        known = await self._known_of({domain.lower() for domain, _ in mails})
        jobs = [
            (at, each.signs_as, fronts[at] if fronts else b"", content, list(each.parsed.values()))
            for at, (domain, content) in enumerate(mails)
            if (each := known[domain.lower()]).parsed
        ]
        signed = [b""] * len(mails)
        for done in await asyncio.gather(*self._started(jobs)):
            for at, fields in done:
                signed[at] = fields
        # Of what these mails were signed by: others may know something newer by now.
        for domain, each in known.items():
            (self._faulty.add if each.is_faulty else self._faulty.discard)(domain)
        return signed

    def fault(self, domain: str) -> str:
        """A sentence on why mail of `domain` must wait rather than go unsigned; empty: it need not.

        Of what the last `sign` found; to be asked before anything else is awaited.
        """
        if domain.lower() not in self._faulty:
            return ""
        return (
            f"It cannot be signed: SECRET_KEY does not open the DKIM keys of {domain.lower()}. Put "
            "the former SECRET_KEY into SECRET_KEY_FALLBACKS, or retire the keys in the console."
        )

    def close(self) -> None:
        """Waits for what is running, ends the threads and forgets all keys."""
        self._threads.shutdown(wait=True)
        self._known.clear()

    def _started(self, jobs: Sequence[_Job]) -> list[asyncio.Future[list[tuple[int, bytes]]]]:
        now = int(timezone.now().timestamp())
        loop = asyncio.get_running_loop()
        return [
            loop.run_in_executor(self._threads, _signatures, jobs[at : at + _MAILS_A_JOB], now)
            for at in range(0, len(jobs), _MAILS_A_JOB)
        ]

    async def _known_of(self, domains: Collection[str]) -> dict[str, _Known]:
        now = time.monotonic()
        # Held here, since others forget what gets old while the database is waited for.
        known = {domain: self._known.get(domain, _NOTHING) for domain in domains}
        unknown = [domain for domain, each in known.items() if each.until <= now]
        if unknown:
            found = await insist(lambda: self._bridge.database(self._find_keys, unknown))
            self._forget_old()
            until = time.monotonic() + self._seconds
            for domain in unknown:
                known[domain] = _known(found.get(domain, ()), known[domain], until)
                self._known[domain] = known[domain]
        return known

    def _forget_old(self) -> None:
        now = time.monotonic()
        if now >= self._forget_at:
            self._known = {name: each for name, each in self._known.items() if each.until > now}
            self._forget_at = now + self._seconds


def _known(keys: Sequence[SigningKey], former: _Known, until: float) -> _Known:
    parsed, unusable = {}, []
    for key in keys:
        try:
            parsed[key] = former.parsed.get(key) or _parsed(key)
        except UnusableKey as error:
            unusable.append(key.selector)
            # Once, not every few seconds.
            if key.selector not in former.unusable:
                facts = {"domain": key.domain, "selector": key.selector, "error": str(error)}
                log.error("dkim.key_unusable", extra=facts)  # noqa: TRY400 - the text says it all
    return _Known(until, parsed, unusable)


def _parsed(key: SigningKey) -> PrivateKey:
    if not key.private_key:
        raise UnusableKey("neither SECRET_KEY nor SECRET_KEY_FALLBACKS opens it")
    return load_key(selector=key.selector, algorithm=key.algorithm, der=key.private_key)


def _signatures(jobs: Sequence[_Job], signed_at: int) -> list[tuple[int, bytes]]:
    signed, last, mail = [], b"", hashed(b"")
    for at, domain, front, content, keys in jobs:
        if content is not last:
            last, mail = content, hashed(content)
        fields = fields_over(mail, domain=domain, keys=keys, signed_at=signed_at, front=front)
        signed.append((at, fields))
    return signed
