"""Asks DNS servers, on dnspython: UDP, and TCP for what is cut short; EDNS with DO (RFC 3225).

Answers are kept for their TTL within bounds, and whoever asks the same meanwhile shares them.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from dns import flags
from dns.asyncresolver import Resolver as AsyncResolver
from dns.exception import DNSException, Timeout
from dns.name import Name, from_text
from dns.nameserver import Do53Nameserver
from dns.resolver import NXDOMAIN, NoNameservers, NoResolverConfiguration

from smtp_gateway.relay.mx.answers import Answer, LookUpFailed, Mx, Tlsa
from smtp_gateway.relay.mx.cache import Cache
from smtp_gateway.relay.mx.domain import is_host_name
from smtp_gateway.relay.mx.servers import DnsServer, are_believed

T = TypeVar("T")
_CACHED_NAMES = 20_000
# A TTL of 0 would have every mail of a burst ask again, a very long one keep a mistake for weeks.
_LEAST_SECONDS, _MOST_SECONDS = 5.0, 86_400.0
# RFC 2308 sections 5 and 7: what is not there for hours at most, what failed for moments.
_MOST_NEGATIVE_SECONDS, _FAILED_SECONDS = 900.0, 5.0
# The largest datagram that arrives in one piece on any way (DNS flag day 2020).
_DATAGRAM_BYTES = 1232
_TRIES = 3


class Resolver:
    """Look-ups by type. Each raises LookUpFailed where the servers give no answer."""

    def __init__(
        self,
        servers: Sequence[DnsServer] = (),
        *,
        seconds: float = 5.0,
        validates: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`servers`: none are the system's; `seconds`: for a whole look-up."""
        servers = servers or _system_servers()
        self._believes = are_believed(servers, validates)
        self._asks = _configured(servers, seconds)
        self._cache: Cache[Answer[Any] | LookUpFailed] = Cache(_CACHED_NAMES, clock)
        self._under_way: dict[tuple[str, str], asyncio.Task[Answer[Any] | LookUpFailed]] = {}

    async def mx(self, name: str) -> Answer[Mx]:
        return await self._look_up(name, "MX", _mx)

    async def ipv4(self, name: str) -> Answer[str]:
        return await self._look_up(name, "A", _address)

    async def ipv6(self, name: str) -> Answer[str]:
        return await self._look_up(name, "AAAA", _address)

    async def txt(self, name: str) -> Answer[str]:
        return await self._look_up(name, "TXT", _text)

    async def tlsa(self, name: str) -> Answer[Tlsa]:
        return await self._look_up(name, "TLSA", _tlsa)

    async def _look_up(self, name: str, kind: str, read: Callable[[Any], T]) -> Answer[T]:
        key = (name.lower(), kind)
        found = self._cache.get(key)
        if found is None:
            task = self._under_way.get(key)
            if task is None:
                task = asyncio.create_task(self._ask(key, read))
                self._under_way[key] = task
                task.add_done_callback(lambda _: self._under_way.pop(key, None))
            # Shielded: others may wait for the same.
            found = await asyncio.shield(task)
        if isinstance(found, LookUpFailed):
            raise LookUpFailed(str(found))
        return cast("Answer[T]", found)

    async def _ask(
        self, key: tuple[str, str], read: Callable[[Any], Any]
    ) -> Answer[Any] | LookUpFailed:
        name, kind = key
        try:
            absolute = from_text(f"{name}.")
            found = await self._asks.resolve(absolute, kind, raise_on_no_answer=False, search=False)
        except NXDOMAIN as error:
            response = cast("Any", error).response(absolute)
            seconds = response.resolve_chaining().minimum_ttl
            answer: Answer[Any] = Answer((), self._is_secure(response), name_exists=False)
            return self._keep(key, answer, seconds)
        except (DNSException, OSError, EOFError) as error:
            failed = LookUpFailed(_cause(error))
            self._cache.put(key, failed, _FAILED_SECONDS)
            return failed
        answer = Answer(
            tuple(read(record) for record in found.rrset or ()),
            self._is_secure(found.response),
            _alias_free(found.canonical_name),
        )
        return self._keep(key, answer, found.chaining_result.minimum_ttl)

    def _keep(self, key: tuple[str, str], answer: Answer[Any], seconds: float) -> Answer[Any]:
        most = _MOST_SECONDS if answer.records else _MOST_NEGATIVE_SECONDS
        self._cache.put(key, answer, max(_LEAST_SECONDS, min(seconds, most)))
        return answer

    def _is_secure(self, response: Any) -> bool:
        return self._believes and bool(response.flags & flags.AD)


def _system_servers() -> Sequence[DnsServer]:
    try:
        found = AsyncResolver()
    except NoResolverConfiguration:
        # As the C library does where there is no file.
        return [DnsServer("127.0.0.1")]
    return [DnsServer(str(address), found.port) for address in found.nameservers]


def _configured(servers: Sequence[DnsServer], seconds: float) -> AsyncResolver:
    resolver = AsyncResolver(configure=False)
    resolver.nameservers = [Do53Nameserver(server.address, server.port) for server in servers]
    resolver.lifetime, resolver.timeout = seconds, seconds / _TRIES
    resolver.use_edns(0, flags.DO, _DATAGRAM_BYTES)
    # AD in a query: tell me whether you validated (RFC 6840 section 5.7).
    resolver.set_flags(flags.RD | flags.AD)
    return resolver


def _cause(error: Exception) -> str:
    if isinstance(error, Timeout):
        return "the DNS servers do not answer in time"
    if isinstance(error, NoNameservers):
        return "the DNS servers report a failure (SERVFAIL) or cannot be reached"
    return f"DNS failed ({str(error) or type(error).__name__})"


def _host(name: Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if len(name) > 1 else ""


def _alias_free(name: Name) -> str:
    """Empty where no host has such a name: what others make of it should not surprise them."""
    text = _host(name)
    return text if is_host_name(text) else ""


def _mx(record: Any) -> Mx:
    return Mx(record.preference, _host(record.exchange))


def _address(record: Any) -> str:
    return str(record.address)


def _text(record: Any) -> str:
    return b"".join(record.strings).decode("ascii", "replace")


def _tlsa(record: Any) -> Tlsa:
    return Tlsa(record.usage, record.selector, record.mtype, bytes(record.cert))
