"""Opens a session with whichever host takes a domain's mail (RFC 5321 section 5.1)."""

import logging
import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from smtp_gateway.relay.classify import Ending, Fault, Stage
from smtp_gateway.relay.database import AWAY
from smtp_gateway.relay.mx.addresses import Addresses, Families, find_addresses, one_address
from smtp_gateway.relay.mx.answers import LookUpFailed
from smtp_gateway.relay.mx.domain import InvalidDomain, may_be_elsewhere, read_domain
from smtp_gateway.relay.mx.failures import most_telling
from smtp_gateway.relay.mx.mail_hosts import MailHosts, by_dns, find_mail_hosts
from smtp_gateway.relay.mx.protecting import Protecting
from smtp_gateway.relay.mx.resolver import Resolver
from smtp_gateway.relay.mx.sts import Policies
from smtp_gateway.relay.mx.sts_policy import Policy
from smtp_gateway.relay.next_hop import NextHop, Security
from smtp_gateway.relay.noting import end_note
from smtp_gateway.relay.protection import Protection
from smtp_gateway.relay.session import Ended, Session, Timeouts, open_session
from smtp_gateway.relay_transcripts.notes import Opening

SMTP_PORT = 25
_PLAIN = Protection(Security.NEVER)
# Of hosts that cannot be tried at all: a thousand MX records are no reason for as many look-ups.
_MAX_NAMES = 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MxLimits:
    """How many of a domain's hosts, and addresses of these, one attempt connects to."""

    hosts: int = 5
    addresses: int = 8
    quick_connect_seconds: float = 5.0
    """Where a host has another address: a dead one must not cost what RFC 5321 allows."""


@dataclass
class _Search:
    """One attempt: what it looks for, and what it came to so far."""

    domain: str
    hosts: MailHosts
    policy: Policy | None = None
    literal: str = ""
    """The address that stands for the domain."""
    failures: list[Ended] = field(default_factory=list)
    hosts_tried: int = 0
    addresses_tried: int = 0


class MxOpener:
    """Direct delivery: from a domain to an open, rightly protected session."""

    def __init__(
        self,
        *,
        resolver: Resolver,
        policies: Policies | None,
        our_name: str,
        timeouts: Timeouts,
        port: int = SMTP_PORT,
        source_ipv4: str = "",
        source_ipv6: str = "",
        ca_file: str = "",
        limits: MxLimits = MxLimits(),
        chance: random.Random | None = None,
    ) -> None:
        """`policies` None: no MTA-STS. `ca_file`: trusted instead of the system's authorities."""
        self._resolver, self._policies = resolver, policies
        self._our_name, self._timeouts, self._limits = our_name, timeouts, limits
        self._base = NextHop(
            "", port, security=Security.WHEN_OFFERED, source_ipv4=source_ipv4,
            source_ipv6=source_ipv6,
        )  # fmt: skip
        self._quick = replace(timeouts, connect=min(timeouts.connect, limits.quick_connect_seconds))
        self._protecting = Protecting(resolver, port=port, ca_file=ca_file)
        self._families = Families()
        self._chance = chance or secrets.SystemRandom()

    async def open(self, domain: str) -> Session:
        """A session for mail to `domain`, a name or an address literal; `hop` says with whom.

        Raises Ended with the most telling of what went wrong, and its hop if there was one.
        """
        search = await self._search(domain)
        for host in search.hosts.names[:_MAX_NAMES]:
            if search.hosts_tried == self._limits.hosts:
                break
            if (session := await self._try_host(host, search)) is not None:
                return session
        failure = most_telling(search.failures)
        failure.opening = _all_tries(search.failures)
        raise failure

    async def _search(self, domain: str) -> _Search:
        try:
            target = read_domain(domain)
        except InvalidDomain as invalid:
            shown = domain[:100]
            raise by_dns(Fault.NO_DOMAIN, f"The domain {shown} {invalid} (5.1.2)") from None
        if target.address:
            hosts = MailHosts((target.address,))
            return _Search(str(target), hosts, literal=target.address)
        hosts = await find_mail_hosts(
            self._resolver, target.name, our_name=self._our_name, chance=self._chance
        )
        return _Search(target.name, hosts, await self._policy(target.name))

    async def _policy(self, domain: str) -> Policy | None:
        try:
            return await self._policies.of(domain) if self._policies else None
        except AWAY as error:
            log.warning("relay.database_away", extra={"error": str(error).strip()})
            said = f"Nobody knows the MTA-STS policy of {domain} while the database is away"
            raise by_dns(Fault.DNS, said) from None

    async def _try_host(self, host: str, search: _Search) -> Session | None:
        """None: it went wrong, and `search` has why."""
        try:
            addresses = await self._addresses(host, search)
            protection = await self._protecting.of(
                host, addresses=addresses, hosts=search.hosts, policy=search.policy
            )
        except Ended as ended:
            ended.hop = ended.hop or replace(self._base, host=host)
            ended.opening = Opening(end_note(ended.ending))
            search.failures.append(ended)
            return None
        search.hosts_tried += 1
        for hop, timeouts in self._ways(host, addresses, search):
            search.addresses_tried += 1
            try:
                session = await self._open(hop, protection, timeouts)
            except Ended as ended:
                search.failures.append(ended)
            else:
                self._learn(hop, search.failures)
                session.opening = session.opening.after(*(f.opening for f in search.failures))
                return session
        return None

    async def _addresses(self, host: str, search: _Search) -> Addresses:
        """Raises Ended where there is none."""
        if search.literal:
            found = one_address(search.literal)
        else:
            try:
                found = await find_addresses(self._resolver, host)
            except LookUpFailed as failed:
                said = f"The addresses of {host} cannot be looked up: {failed}"
                raise by_dns(Fault.DNS, said) from None
            if not found.all:
                raise _nowhere(host, search)
        if self._base.port == SMTP_PORT:
            found = found.only(may_be_elsewhere)
        if not found.all:
            said = f"{host} has no address that another machine can have"
            raise by_dns(Fault.DNS, said)
        return found

    def _ways(
        self, host: str, addresses: Addresses, search: _Search
    ) -> Iterator[tuple[NextHop, Timeouts]]:
        """Where to connect, with the patience for it."""
        left = self._limits.addresses - search.addresses_tried
        order = self._families.in_order(addresses)[:left]
        for number, address in enumerate(order, 1):
            hop = replace(self._base, host=host, ip=address)
            yield hop, self._timeouts if number == len(order) else self._quick

    async def _open(self, hop: NextHop, protection: Protection, timeouts: Timeouts) -> Session:
        try:
            return await open_session(
                hop, our_name=self._our_name, timeouts=timeouts, protection=protection
            )
        except Ended as ended:
            if protection.security is Security.REQUIRED or not _is_about_tls(ended.ending):
                raise
            failed = ended.opening
        session = await open_session(
            hop, our_name=self._our_name, timeouts=timeouts, protection=_PLAIN
        )
        session.tls_result = "plain-after-failed-tls"
        session.opening = session.opening.after(failed)
        return session

    def _learn(self, reached: NextHop, failures: Sequence[Ended]) -> None:
        if ":" in reached.ip:
            self._families.ipv6_worked()
        elif any(_is_ipv6_unreached(failure, reached.host) for failure in failures):
            self._families.only_ipv4_worked()


def _all_tries(failures: Sequence[Ended]) -> Opening:
    """What was said in all of them."""
    return Opening().after(*(failure.opening for failure in failures))


def _nowhere(host: str, search: _Search) -> Ended:
    if search.hosts.is_implicit:
        said = f"{search.domain} has neither a mail server nor an address (5.1.2)"
        return by_dns(Fault.NO_DOMAIN, said)
    return by_dns(Fault.DNS, f"{host}, which takes mail for {search.domain}, has no address")


def _is_about_tls(ending: Ending) -> bool:
    """Whether the host may do better in plain text; a reply put in by somebody is no reason."""
    return ending.stage is Stage.STARTTLS and ending.fault is not Fault.PROTOCOL


def _is_ipv6_unreached(failure: Ended, host: str) -> bool:
    hop = failure.hop
    is_there = hop is not None and hop.host == host and ":" in hop.ip
    return is_there and failure.ending.fault is Fault.UNREACHABLE
