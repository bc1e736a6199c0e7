"""Direct delivery wired from the settings: one for each relay process."""

from django.conf import settings

from smtp_gateway.bridge import Bridge
from smtp_gateway.relay.mx.opener import MxOpener
from smtp_gateway.relay.mx.resolver import Resolver
from smtp_gateway.relay.mx.servers import parse_dns_server
from smtp_gateway.relay.mx.sts import Policies
from smtp_gateway.relay.mx.sts_fetch import PolicyFetcher
from smtp_gateway.relay.mx.sts_store import DatabasePolicies
from smtp_gateway.relay.session import Timeouts


class DirectDelivery:
    """Gives openers, which share what is known of the world: names, policies."""

    def __init__(self, bridge: Bridge, timeouts: Timeouts | None = None) -> None:
        """Raises InvalidDnsServer where DNS_SERVERS cannot be read."""
        self._timeouts = timeouts or Timeouts()
        self.resolver = Resolver(
            [parse_dns_server(text) for text in settings.DNS_SERVERS],
            seconds=settings.DNS_TIMEOUT.total_seconds(),
            validates=settings.DNS_VALIDATES,
        )
        self._policies = Policies(
            resolver=self.resolver,
            store=DatabasePolicies(bridge),
            fetcher=PolicyFetcher(self.resolver),
        )
        self._openers: dict[tuple[str, str], MxOpener] = {}

    def opener(self, *, source_ipv4: str = "", source_ipv6: str = "") -> MxOpener:
        """Connects from these addresses, or from the system's choice; for each the same one.

        So that what it learns of IPv6 from there is of use to all.
        """
        sources = source_ipv4, source_ipv6
        if sources not in self._openers:
            self._openers[sources] = self._make(*sources)
        return self._openers[sources]

    def _make(self, source_ipv4: str, source_ipv6: str) -> MxOpener:
        return MxOpener(
            resolver=self.resolver,
            policies=self._policies,
            our_name=settings.SMTP_HOSTNAME,
            timeouts=self._timeouts,
            port=settings.MX_PORT,
            source_ipv4=source_ipv4,
            source_ipv6=source_ipv6,
        )
