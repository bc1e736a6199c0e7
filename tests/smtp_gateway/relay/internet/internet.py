"""A small internet on loopback: names, mail hosts, policies, certificates, all real servers.

    async with Internet().running() as internet:
        hop = await internet.host("mx.x.test", starttls=True)
        internet.domain("x.test", "mx.x.test")
        session = await internet.opener().open("x.test")

`internet.settings` has the environment for a relay process of its own.
"""

import itertools
import random
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from cryptography import x509

from smtp_gateway.relay.mx.opener import MxOpener
from smtp_gateway.relay.mx.resolver import Resolver
from smtp_gateway.relay.mx.servers import DnsServer
from smtp_gateway.relay.mx.sts import Policies, PolicyStore
from smtp_gateway.relay.mx.sts_fetch import PolicyFetcher
from tests.smtp_gateway.relay.internet.authority import Authority, Leaf
from tests.smtp_gateway.relay.internet.names import Names
from tests.smtp_gateway.relay.internet.records import tlsa, zone_line
from tests.smtp_gateway.relay.internet.web import Web
from tests.smtp_gateway.relay.next_hop import ScriptedHop
from tests.smtp_gateway.relay.sending import PATIENT

# Held for as long as an internet runs, so that its port is its own on every other address.
_ANCHOR = "127.0.25.0"


class Internet:
    """Who is who."""

    def __init__(self) -> None:
        self.names = Names()
        self.authority = Authority("The authority that is trusted")
        self.leaves: dict[str, Leaf] = {}
        """The certificates of the hosts that have one, by name."""
        self.hops: dict[str, ScriptedHop] = {}
        """By the address that each listens on."""
        self.port = 0
        self.web: Web
        self.ca_file = ""
        self._stack = AsyncExitStack()
        self._numbers = itertools.count(1)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Internet"]:
        async with self._stack:
            anchor = self._stack.enter_context(socket.create_server((_ANCHOR, 0)))
            self.port = anchor.getsockname()[1]
            directory = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
            self.ca_file = self.authority.file(directory)
            await self._stack.enter_async_context(self.names.running())
            yield self

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a relay process that lives in this internet."""
        return {
            "DNS_SERVERS": self.names.server,
            "DNS_VALIDATES": "1",
            "MX_PORT": str(self.port),
            "SSL_CERT_FILE": self.ca_file,
        }

    async def host(
        self,
        name: str,
        *,
        address: str = "",
        starttls: bool | Leaf = False,
        is_named: bool = True,
        **changes: Any,
    ) -> ScriptedHop:
        """A mail host that runs; with a certificate of the authority's for `starttls`.

        `is_named`: its address stands in DNS.
        """
        address = address or f"127.0.25.{next(self._numbers)}"
        if starttls:
            leaf = starttls if isinstance(starttls, Leaf) else self.authority.leaf(name)
            self.leaves[name] = leaf
            changes["starttls"] = leaf.server_context
        hop = ScriptedHop(host=address, port=self.port, **changes)
        self.hops[address] = await self._stack.enter_async_context(hop.running())
        if is_named:
            self.names.add(f"{name} {'AAAA' if ':' in address else 'A'} {address}")
        return hop

    def domain(self, name: str, *hosts: str) -> None:
        """MX records, the first host first."""
        self.names.add(*(f"{name} MX {10 * (n + 1)} {host}" for n, host in enumerate(hosts)))

    def sign(self, *zones: str) -> None:
        """Has answers about these zones, and below, validated."""
        self.names.signed.update(zones)

    def name_certificate(
        self,
        host: str,
        usage: int = 3,
        selector: int = 1,
        matching: int = 1,
        *,
        certificate: x509.Certificate | None = None,
    ) -> None:
        """A TLSA record for the host's own certificate, or for another."""
        record = tlsa(certificate or self.leaves[host].certificate, usage, selector, matching)
        self.names.add(zone_line(host, self.port, record))

    async def policy(
        self,
        domain: str,
        *mx: str,
        mode: str = "enforce",
        policy_id: str = "1",
        max_age: int = 86400,
    ) -> None:
        """An MTA-STS policy: the record, the web server if there is none yet, the file."""
        host = f"mta-sts.{domain}"
        if not hasattr(self, "web"):
            leaf = self.authority.leaf(host)
            self.web = await self._stack.enter_async_context(Web(leaf.server_context).running())
        self.names.remove(f"_mta-sts.{domain}", "TXT")
        self.names.remove(host, "A")
        self.names.add(
            f'_mta-sts.{domain} TXT "v=STSv1; id={policy_id};"', f"{host} A {self.web.address}"
        )
        lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {name}" for name in mx)]
        self.web.publish(host, "\r\n".join([*lines, f"max_age: {max_age}", ""]))

    def resolver(self, **changes: Any) -> Resolver:
        server = DnsServer(self.names.address, self.names.port)
        return Resolver([server], **{"validates": True, **changes})

    def fetcher(self, resolver: Resolver, **changes: Any) -> PolicyFetcher:
        port = self.web.port if hasattr(self, "web") else 1
        return PolicyFetcher(resolver, port=port, ca_file=self.ca_file, **changes)

    def policies(self, resolver: Resolver, store: PolicyStore, **changes: Any) -> Policies:
        fetcher = self.fetcher(resolver)
        return Policies(resolver=resolver, store=store, fetcher=fetcher, **changes)

    def opener(self, *, store: PolicyStore | None = None, **changes: Any) -> MxOpener:
        """Without a store there is no MTA-STS."""
        resolver = self.resolver()
        values = {
            "resolver": resolver,
            "policies": self.policies(resolver, store) if store else None,
            "our_name": "us.test",
            "timeouts": PATIENT,
            "port": self.port,
            "ca_file": self.ca_file,
            "chance": random.Random(1),
        }
        return MxOpener(**{**values, **changes})
