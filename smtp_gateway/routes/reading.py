"""The list of routes as the console and the commands show it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from smtp_gateway.models import Route
from smtp_gateway.relay.next_hop import InvalidRelayUrl
from smtp_gateway.relay.routing import RouteSpec
from smtp_gateway.routes.loading import DEFAULT_ID, default_spec, spec_of
from smtp_gateway.routes.places import is_loopback
from smtp_gateway.routes.wording import RouteWords, shadowed, words_of


@dataclass(frozen=True, slots=True)
class Row:
    """One route of the list; the last is the default."""

    spec: RouteSpec
    words: RouteWords
    is_enabled: bool = True
    number: int = 0
    """From 1; 0: the default."""
    is_last: bool = False
    shadowed_by: str = ""
    """The name of the route before it that takes everything; empty: there is none."""

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def can_be_tested(self) -> bool:
        return self.spec.kind != "mailbox"


def route_rows() -> list[Row]:
    """The routes in their order."""
    routes = list(Route.objects.all())
    specs = [spec_of(route) for route in routes]
    pairs = [(spec, route.is_enabled) for spec, route in zip(specs, routes, strict=True)]
    hidden = shadowed(pairs)
    return [
        Row(
            spec=spec,
            words=_words(spec),
            is_enabled=is_enabled,
            number=number,
            is_last=number == len(pairs),
            shadowed_by=hidden.get(spec.route_id, ""),
        )
        for number, (spec, is_enabled) in enumerate(pairs, start=1)
    ]


def default_row() -> Row:
    """Where everything else goes."""
    spec = default_or_problem()
    return Row(spec=spec, words=_words(spec))


def default_or_problem() -> RouteSpec:
    """The default; an unusable RELAY_URL is its problem."""
    try:
        return default_spec()
    except InvalidRelayUrl as error:
        return RouteSpec(DEFAULT_ID, "RELAY_URL", "smarthost", problem=str(error))


def keeps_unverified(rows: Sequence[Row]) -> bool:
    """Whether mail that one of these would let out stays here until its domain is verified."""
    leads_out = any(row.is_enabled and row.spec.kind != "mailbox" for row in rows)
    return leads_out and not settings.ALLOW_UNVERIFIED_DOMAINS


def _words(spec: RouteSpec) -> RouteWords:
    return words_of(spec, is_local=spec.hop is not None and is_loopback(spec.hop.host))
