"""Every destination that mail was for lately, each with its courier; gone ones are forgotten."""

import time
from collections.abc import Callable, Collection

from smtp_gateway.relay.attempt import Courier
from smtp_gateway.relay.destination import Destination, Whither
from smtp_gateway.relay.pool import Open, Pool, PoolLimits
from smtp_gateway.relay.retry import Ladders
from smtp_gateway.relay.routing import RouteSpec, Routing
from smtp_gateway.relay.shares import ALONE, Rank

# What a destination taught us about its pace is worth keeping for a while.
_REMEMBERED_SECONDS = 600.0

OpenTo = Callable[[Whither], Open]
Key = tuple[int, str]
"""A route's id, and a domain where the route is `mx`."""


class Couriers:
    """One for each destination, for all lanes."""

    def __init__(self, open_to: OpenTo, ladders: Ladders) -> None:
        self._open_to, self._ladders = open_to, ladders
        self._rank = ALONE
        self._couriers: dict[Key, Courier] = {}
        self._used_at: dict[Key, float] = {}
        self._needed: dict[str, Collection[Courier]] = {}
        self._routing: Routing | None = None
        self._prune_at = 0.0

    def to(self, route: RouteSpec, domain: str) -> Courier:
        """The courier for this destination; a new one where the route was changed."""
        key = route.route_id, domain
        self._used_at[key] = time.monotonic()
        courier = self._couriers.get(key)
        if courier is not None:
            known = courier.destination.whither.route
            if known is route or known == route:
                return courier
            courier.destination.retire()
        self._couriers[key] = courier = self._make(Whither(route, domain))
        return courier

    def follow(self, routing: Routing) -> None:
        """What was on its way by a route that was changed or switched off goes back."""
        if routing is self._routing:
            return
        self._routing = routing
        routes = {routing.default, *routing.routes}
        for key, courier in list(self._couriers.items()):
            if courier.destination.whither.route not in routes:
                courier.destination.retire()
                del self._couriers[key], self._used_at[key]

    def set_rank(self, rank: Rank) -> None:
        """So many relays share each destination now."""
        if rank == self._rank:
            return
        self._rank = rank
        for courier in self._couriers.values():
            courier.destination.set_rank(rank)

    def release_holds(self) -> None:
        """Somebody asked for what waits to be tried now."""
        for courier in self._couriers.values():
            courier.destination.release()

    def prune(self, lane: str, needed: Collection[Courier]) -> None:
        """Forgets what was not used for long and no lane needs; `lane` needs these."""
        self._needed[lane] = needed
        now = time.monotonic()
        if now < self._prune_at:
            return
        self._prune_at = now + _REMEMBERED_SECONDS / 60
        before = now - _REMEMBERED_SECONDS
        for key in [key for key, used_at in self._used_at.items() if used_at < before]:
            courier = self._couriers[key]
            is_needed = any(courier in needed for needed in self._needed.values())
            if not is_needed and not courier.destination.pool.is_in_use:
                del self._couriers[key], self._used_at[key]

    def close(self) -> None:
        """Closes the connections that are idle."""
        for courier in self._couriers.values():
            courier.destination.pool.close()

    def _make(self, whither: Whither) -> Courier:
        route = whither.route
        limits = PoolLimits(route.max_connections, mails_per_connection=route.mails_per_connection)
        pool = Pool(self._open_to(whither), limits)
        return Courier(Destination(whither, pool, self._rank), self._ladders)
