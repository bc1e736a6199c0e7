"""Which way a delivery takes: by the first route that matches it, else by the default.

Pure: routes come as values, and are chosen once for all mail between two domains.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from smtp_gateway.reasons import DOMAIN_UNVERIFIED, MAILBOX_ROUTE, NO_SMARTHOST, ROUTE_UNUSABLE
from smtp_gateway.relay.domain_patterns import matches, normal_domain
from smtp_gateway.relay.next_hop import NextHop

Kind = Literal["smarthost", "mx", "mailbox"]
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """One way for mail, as the relay needs it."""

    route_id: int
    """0: the default, which the settings make."""
    name: str
    kind: Kind
    hop: NextHop | None = None
    """Of a smarthost; None where `problem` says why."""
    source_ipv4: str = ""
    source_ipv6: str = ""
    """Empty: the system's choice."""
    max_connections: int = 10
    """To one destination, over all relays."""
    mails_per_connection: int = 100
    mails_per_minute: int | None = None
    """To one destination, over all relays; None: as many as it takes."""
    mail_type: str = ""
    """What it takes, this and the next two; empty: everything."""
    sender_domains: tuple[str, ...] = ()
    recipient_domains: tuple[str, ...] = ()
    problem: str = ""
    """Why it cannot be used, one sentence; its mail waits."""

    def takes(self, mail_type: str, sender_domain: str, recipient_domain: str) -> bool:
        """Whether mail of that kind between these domains, in normal form, goes this way."""
        return (
            self.mail_type in ("", mail_type)
            and (not self.sender_domains or matches(self.sender_domains, sender_domain))
            and (not self.recipient_domains or matches(self.recipient_domains, recipient_domain))
        )


KEPT_HERE = RouteSpec(0, "Local mailbox", "mailbox")


@dataclass(frozen=True, slots=True)
class Choice:
    """The way of one delivery; the reason says why it stays in the mailbox, or waits."""

    spec: RouteSpec
    reason_code: str = ""
    reason: str = ""

    @property
    def is_kept(self) -> bool:
        """It goes into the local mailbox."""
        return self.spec.kind == "mailbox"

    @property
    def must_wait(self) -> bool:
        """Its route cannot be used: it is deferred for the reason, without an attempt."""
        return bool(self.spec.problem)


class Routing:
    """The routes in their order, the default, and what else the choice depends on."""

    def __init__(
        self,
        *,
        routes: Sequence[RouteSpec] = (),
        default: RouteSpec,
        allow_unverified_domains: bool,
        domain_is_verified: Callable[[str], bool],
    ) -> None:
        """`routes`: those that are enabled, by position. Domains are asked for in normal form."""
        self.routes, self.default = tuple(routes), default
        self._allow_unverified = allow_unverified_domains
        self._domain_is_verified = domain_is_verified
        self._is_verified = functools.lru_cache(_REMEMBERED)(self._ask_whether_verified)
        self._spec_for = functools.lru_cache(_REMEMBERED)(self._first_that_takes)

    def route(self, *, origin: str, mail_type: str, mail_from: str, recipient: str) -> Choice:
        """The way of a delivery, from its envelope. DirectMail's own mail is always let out."""
        domain = mail_from.rpartition("@")[2]
        spec = self._spec_for(mail_type, domain, recipient.rpartition("@")[2])
        if spec.kind == "mailbox" and spec.route_id:
            reason = f"Kept in the local mailbox by the route “{spec.name}”."
            return Choice(spec, MAILBOX_ROUTE, reason)
        if origin != "system" and not self._may_send(domain):
            return Choice(KEPT_HERE, DOMAIN_UNVERIFIED, _why_kept(domain, spec))
        if spec.kind == "mailbox":
            return Choice(spec, NO_SMARTHOST, "Kept in the local mailbox: RELAY_URL is not set.")
        if spec.problem:
            reason = f"The route “{spec.name}” cannot be used: {spec.problem}"
            return Choice(spec, ROUTE_UNUSABLE, reason)
        return Choice(spec)

    def _may_send(self, domain: str) -> bool:
        return self._allow_unverified or self._is_verified(domain)

    def _ask_whether_verified(self, domain: str) -> bool:
        return self._domain_is_verified(normal_domain(domain))

    def _first_that_takes(
        self, mail_type: str, sender_domain: str, recipient_domain: str
    ) -> RouteSpec:
        between = normal_domain(sender_domain), normal_domain(recipient_domain)
        fitting = (spec for spec in self.routes if spec.takes(mail_type, *between))
        return next(fitting, self.default)


def _why_kept(domain: str, spec: RouteSpec) -> str:
    unverified = f"nobody has verified the domain {domain} yet"
    if spec.kind == "mailbox":
        return f"Kept in the local mailbox: RELAY_URL is not set, and {unverified}."
    return f"Kept in the local mailbox: {unverified}."
