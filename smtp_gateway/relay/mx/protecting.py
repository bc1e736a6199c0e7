"""How a mail host has to be protected: by DANE, by MTA-STS, or as well as it goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from smtp_gateway.relay.classify import Ending, Fault, Stage
from smtp_gateway.relay.mx.addresses import Addresses
from smtp_gateway.relay.mx.answers import LookUpFailed, Tlsa
from smtp_gateway.relay.mx.dane import chain_fault, is_usable
from smtp_gateway.relay.mx.mail_hosts import MailHosts, by_dns
from smtp_gateway.relay.mx.resolver import Resolver
from smtp_gateway.relay.mx.sts_policy import Policy
from smtp_gateway.relay.next_hop import Security
from smtp_gateway.relay.protection import Protection
from smtp_gateway.relay.session import Ended

OPPORTUNISTIC = Protection(Security.WHEN_OFFERED)


@dataclass(frozen=True, slots=True)
class TlsaRecords:
    """What DNSSEC says about the certificates of a host."""

    base: str
    """The name that the records are for, which the certificate may be for, too."""
    records: tuple[Tlsa, ...]


class Protecting:
    """Decides for one host after the other."""

    def __init__(
        self,
        resolver: Resolver,
        *,
        port: int,
        ca_file: str = "",
        now: Callable[[], datetime] = timezone.now,
    ) -> None:
        """`ca_file`: who is trusted for MTA-STS, instead of the system's authorities."""
        self._resolver, self._port = resolver, port
        self._ca_file, self._now = ca_file, now

    async def of(
        self, host: str, *, addresses: Addresses, hosts: MailHosts, policy: Policy | None
    ) -> Protection:
        """What `host` needs. Raises Ended where it may not be used now.

        DANE goes before MTA-STS, which must not make good for a DANE that fails (RFC 8461
        section 2).
        """
        found = None
        # Elsewhere nobody vouches for the records (RFC 7672 section 2.2.1).
        if hosts.is_secure and addresses.is_secure:
            found = await self._tlsa(host, addresses.canonical_name)
        usable = tuple(record for record in found.records if is_usable(record)) if found else ()
        if found and usable:
            return self._by_dane(host, found.base, usable, hosts.domain_names)
        if policy and policy.is_enforced:
            return self._by_policy(host, policy, hosts.domain_names[0])
        if found:
            # RFC 7672 section 2.2: TLS, and nobody to say whose.
            return Protection(Security.REQUIRED, required_by=f"DANE for {host}")
        return OPPORTUNISTIC

    async def _tlsa(self, host: str, canonical_name: str) -> TlsaRecords | None:
        """RFC 7672 section 2.2.3: where the host's aliases lead first, then the host."""
        for base in dict.fromkeys((canonical_name or host, host)):
            try:
                answer = await self._resolver.tlsa(f"_{self._port}._tcp.{base}")
            except LookUpFailed as failed:
                # Whoever can suppress the answer could switch the protection off.
                said = f"The TLSA records of {host} cannot be looked up: {failed}"
                raise by_dns(Fault.DNS, said) from None
            if answer.is_secure and answer.records:
                return TlsaRecords(base, answer.records)
        return None

    def _by_dane(
        self, host: str, base: str, records: Sequence[Tlsa], domain_names: Sequence[str]
    ) -> Protection:
        names = tuple(dict.fromkeys((base, host, *domain_names)))

        def fault_of(chain: Sequence[bytes]) -> str:
            return chain_fault(chain, records=records, names=names, now=self._now())

        return Protection(
            Security.REQUIRED,
            server_name=base,
            result="dane",
            required_by=f"DANE for {host}",
            fault_of=fault_of,
        )

    def _by_policy(self, host: str, policy: Policy, domain: str) -> Protection:
        if not policy.names(host):
            said = f"the MTA-STS policy of {domain} does not name it"
            raise Ended(Ending(Stage.CONNECT, fault=Fault.TLS, detail=said))
        return Protection(
            Security.REQUIRED,
            verify=True,
            ca_file=self._ca_file,
            result="mta-sts",
            required_by=f"the MTA-STS policy of {domain}",
        )
