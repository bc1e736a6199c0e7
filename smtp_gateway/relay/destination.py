"""One destination: a smarthost, or the mail hosts of a domain; its connections and its standing."""

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from smtp_gateway.relay.classify import Fault, Verdict
from smtp_gateway.relay.governor import Caps, Governor
from smtp_gateway.relay.pool import Pool
from smtp_gateway.relay.routing import RouteSpec
from smtp_gateway.relay.shares import ALONE, Rank, share
from smtp_gateway.relay.trouble import asked_pause, is_of_one_mail, is_trouble

ELSEWHERE = "destination-elsewhere"
"""The code of waiting for a relay that may connect there."""
_ELSEWHERE_SECONDS = 1.0
_NOT_ITS_DOING = {Fault.STOPPED.value, Fault.RELAY.value}


@dataclass(frozen=True, slots=True)
class Whither:
    """What mails have in common that go the same way; `domain` only where the route is `mx`."""

    route: RouteSpec
    domain: str = ""

    @property
    def name(self) -> str:
        """For sentences, until a connection says whom it reached."""
        return self.domain or str(self.route.hop)


@dataclass(frozen=True, slots=True)
class Wait:
    """Why deliveries wait without an attempt, and for how long."""

    seconds: float
    code: str
    reason: str


class Destination:
    """Where mail goes, and how hard it may be worked now."""

    def __init__(self, whither: Whither, pool: Pool, rank: Rank = ALONE) -> None:
        self.whither, self.pool = whither, pool
        # Names its part of what does not divide among relays: the same in each of them.
        self._key = zlib.crc32(f"{whither.route.route_id} {whither.name}".encode())
        self.governor = Governor(self._caps(rank))
        self._is_retired = False
        self._adapt()

    @property
    def name(self) -> str:
        return self.whither.name

    def set_rank(self, rank: Rank) -> None:
        """The number of relays has changed, and with it our share."""
        self.governor.set_caps(self._caps(rank))
        self._adapt()

    def learn(self, verdicts: Sequence[Verdict]) -> None:
        """What a transaction says about this destination, beyond its mail."""
        is_receiver = self.whither.route.kind == "mx"
        heard = [verdict for verdict in verdicts if verdict.reason_code not in _NOT_ITS_DOING]
        if not heard:
            return
        told = [each for each in heard if not is_of_one_mail(each, is_receiver=is_receiver)]
        if not told:
            self.governor.answered()
        elif all(is_trouble(verdict, is_receiver=is_receiver) for verdict in told):
            pauses = [pause for verdict in told if (pause := asked_pause(verdict))]
            seconds = max(pauses).total_seconds() if pauses else None
            self.governor.troubled(time.monotonic(), why=told[0].reason, retry_after=seconds)
        else:
            self.governor.succeeded()
        self._adapt()

    def retire(self) -> None:
        """Its route was changed: no other mail goes there."""
        self._is_retired = True
        self.pool.retire()

    def release(self) -> None:
        """Somebody wants it tried now."""
        self.governor.release()
        self.pool.release()

    def wait(self) -> Wait | None:
        """What keeps every mail from going there now; None: nothing does."""
        if self._is_retired:
            reason = f"The route to {self.name} was changed, and is looked up again."
            return Wait(0.0, "route-changed", reason)
        if not self.governor.connections:
            reason = f"Other relays have all connections that may be open to {self.name}."
            return Wait(_ELSEWHERE_SECONDS, ELSEWHERE, reason)
        if seconds := self.governor.held_for(time.monotonic()):
            reason = f"{self.name} is left alone for a while. {self.governor.trouble}"
            return Wait(seconds, "destination-held", reason)
        return None

    def busy(self, seconds: float) -> Wait:
        """What keeps mail from going there behind what goes there already."""
        reason = f"More mail waits for {self.name} than it takes at a time."
        return Wait(seconds, "destination-busy", reason)

    def _caps(self, rank: Rank) -> Caps:
        route = self.whither.route
        return share(
            rank,
            connections=route.max_connections,
            mails_per_minute=route.mails_per_minute,
            key=self._key,
        )

    def _adapt(self) -> None:
        if self.pool.places.limit != self.governor.connections:
            self.pool.places.limit = self.governor.connections
