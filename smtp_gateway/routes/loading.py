"""Reads the table of routes and the settings into values for the relay. Blocks: use the bridge."""

import logging
from datetime import datetime
from typing import cast

from django.conf import settings

from senders.domains.coverage import Coverage
from senders.sealing import NoKeyFits, unseal
from smtp_gateway.directory import verified_domains
from smtp_gateway.models import Route, RouteKind
from smtp_gateway.relay.next_hop import NextHop, Security, parse_relay_url
from smtp_gateway.relay.routing import Kind, RouteSpec, Routing

Version = tuple[tuple[tuple[int, datetime], ...], Coverage]
"""Which routes there are and when each was changed, and which domains are verified."""

DEFAULT_ID = 0
KEY_IS_GONE = (
    "Its password was encrypted under another SECRET_KEY. Enter it again on the Routes page, or "
    "list the former key in SECRET_KEY_FALLBACKS."
)

log = logging.getLogger(__name__)


def load_routing() -> Routing:
    """The enabled routes, the default, and whose mail may leave. Raises InvalidRelayUrl."""
    specs = [spec_of(route) for route in Route.objects.filter(is_enabled=True)]
    for spec in specs:
        if spec.problem:
            log.error("route.unusable", extra={"route": spec.name, "reason": spec.problem})
    return Routing(
        routes=specs,
        default=default_spec(),
        allow_unverified_domains=settings.ALLOW_UNVERIFIED_DOMAINS,
        domain_is_verified=verified_domains().__contains__,
    )


def routing_version() -> Version:
    """Differs whenever `load_routing` would; a look at tables of few rows.

    All times and not the newest alone, since consoles on two machines have two clocks.
    """
    routes = tuple(Route.objects.order_by("id").values_list("id", "changed_at"))
    return routes, verified_domains()


def default_spec() -> RouteSpec:
    """Where everything else goes, from RELAY_URL. Raises InvalidRelayUrl."""
    if not settings.RELAY_URL:
        return RouteSpec(DEFAULT_ID, "Local mailbox", "mailbox")
    return RouteSpec(
        DEFAULT_ID,
        "RELAY_URL",
        "smarthost",
        parse_relay_url(settings.RELAY_URL, verify_tls=settings.RELAY_VERIFY_TLS),
        max_connections=settings.RELAY_CONNECTIONS,
    )


def spec_of(route: Route) -> RouteSpec:
    """`route` as the relay needs it; one whose password cannot be read says so as its problem."""
    hop, problem = None, ""
    if route.kind == RouteKind.SMARTHOST:
        try:
            hop = _next_hop(route)
        except NoKeyFits:
            problem = KEY_IS_GONE
    return RouteSpec(
        route_id=route.pk,
        name=route.name,
        kind=cast("Kind", route.kind),
        hop=hop,
        source_ipv4=route.source_ipv4 or "",
        source_ipv6=route.source_ipv6 or "",
        max_connections=route.max_connections,
        mails_per_connection=route.mails_per_connection,
        mails_per_minute=route.mails_per_minute,
        mail_type=route.mail_type,
        sender_domains=tuple(route.sender_domains.split()),
        recipient_domains=tuple(route.recipient_domains.split()),
        problem=problem,
    )


def _next_hop(route: Route) -> NextHop:
    """Raises NoKeyFits."""
    security = Security(route.security)
    # As with RELAY_URL: a certificate is worth verifying where TLS cannot be stripped, or where
    # credentials depend on it.
    is_strict = security in (Security.REQUIRED, Security.IMPLICIT) or bool(route.user)
    return NextHop(
        host=route.host,
        port=route.port,
        security=security,
        user=route.user,
        password=unseal(route.sealed_password).decode() if route.sealed_password else "",
        verify_tls=route.verify_tls and is_strict,
        source_ipv4=route.source_ipv4 or "",
        source_ipv6=route.source_ipv6 or "",
    )
