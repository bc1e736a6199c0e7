"""Which way a delivery takes: to the smarthost, or into the local mailbox, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from smtp_gateway.reasons import DOMAIN_UNVERIFIED, NO_SMARTHOST
from smtp_gateway.relay.next_hop import NextHop


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """A route as the relay needs it."""

    route_id: int
    name: str
    kind: Literal["smarthost", "mx", "mailbox"]
    hop: NextHop | None = None
    max_connections: int = 10
    mails_per_connection: int = 100
    mails_per_minute: int | None = None


MAILBOX = RouteSpec(0, "Local mailbox", "mailbox")


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one delivery; the reason says why it stays in the mailbox."""

    spec: RouteSpec
    reason_code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """What the choice depends on besides the mail."""

    smarthost: RouteSpec | None
    allow_unverified_domains: bool
    domain_is_verified: Callable[[str], bool]

    def route(self, *, origin: str, mail_type: str, mail_from: str, recipient: str) -> Route:
        """The way for mail of this origin and sender. DirectMail's own always goes out."""
        domain = mail_from.rpartition("@")[2]
        if origin != "system" and not self._may_send(domain):
            return Route(MAILBOX, DOMAIN_UNVERIFIED, self._why_kept(domain))
        if self.smarthost is not None:
            return Route(self.smarthost)
        return Route(MAILBOX, NO_SMARTHOST, "Kept in the local mailbox: RELAY_URL is not set.")

    def _may_send(self, domain: str) -> bool:
        return self.allow_unverified_domains or self.domain_is_verified(domain)

    def _why_kept(self, domain: str) -> str:
        unverified = f"nobody has verified the domain {domain} yet"
        if self.smarthost is not None:
            return f"Kept in the local mailbox: {unverified}."
        return f"Kept in the local mailbox: RELAY_URL is not set, and {unverified}."
