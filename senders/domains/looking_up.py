"""Asks the DNS servers of the settings, on dnspython, for one check at a time.

It remembers nothing from one check to the next: who presses the button has just changed a record.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from dns.exception import DNSException, Timeout
from dns.name import from_text
from dns.nameserver import Do53Nameserver
from dns.resolver import NXDOMAIN, Answer, NoNameservers, NoResolverConfiguration, Resolver

from senders.domains.names import MailHost, NoAnswer

log = logging.getLogger(__name__)

_PORT = 53
_THREADS = 8
_DATAGRAM_BYTES = 1232
_TRIES = 3
_MOST_SECONDS = 30.0
"""For a whole check; what was not asked by then has no answer."""

_Found = Answer | NoAnswer | None


class LookUps:
    """Implements `Names`. Each name and type is asked for once."""

    def __init__(self, resolver: Resolver | None = None) -> None:
        self._resolver = resolver or configured_resolver()
        self._known: dict[tuple[str, str], _Found] = {}
        self._until = time.monotonic() + _MOST_SECONDS

    def ask_at_once(self, questions: Iterable[tuple[str, str]]) -> None:
        """Names and types, side by side, so that servers that are silent cost their time once."""
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="dns") as threads:
            list(threads.map(self._find, dict.fromkeys(questions)))

    def txt(self, name: str) -> tuple[str, ...]:
        return tuple(
            b"".join(record.strings).decode("ascii", "replace")
            for record in self._records(name, "TXT")
        )

    def mx(self, name: str) -> tuple[MailHost, ...]:
        found = (
            MailHost(each.preference, each.exchange.to_text(omit_final_dot=True).lower())
            for each in self._records(name, "MX")
        )
        return tuple(sorted(found, key=lambda host: (host.preference, host.host)))

    def addresses(self, name: str) -> tuple[str, ...]:
        records = [*self._records(name, "A"), *self._records(name, "AAAA")]
        return tuple(str(record.address) for record in records)

    def canonical(self, name: str) -> str:
        answer = self._answer(name, "A")
        if answer is None:
            # The end of the aliases need not exist, so the first of them is asked for itself.
            aliases = self._records(name, "CNAME")
            return aliases[0].target.to_text(omit_final_dot=True).lower() if aliases else name
        return answer.canonical_name.to_text(omit_final_dot=True).lower()

    def exists(self, name: str) -> bool:
        return self._answer(name, "TXT") is not None

    def _records(self, name: str, kind: str) -> Sequence[Any]:
        answer = self._answer(name, kind)
        return () if answer is None or answer.rrset is None else list(answer.rrset)

    def _answer(self, name: str, kind: str) -> Answer | None:
        found = self._find((name, kind))
        if isinstance(found, NoAnswer):
            raise NoAnswer(str(found))
        return found

    def _find(self, question: tuple[str, str]) -> _Found:
        """None: there is no such name."""
        if question not in self._known:
            self._known[question] = self._ask(*question)
        return self._known[question]

    def _ask(self, name: str, kind: str) -> _Found:
        seconds = self._until - time.monotonic()
        if seconds <= 0:
            return NoAnswer("silent")
        try:
            return self._resolver.resolve(
                from_text(f"{name}."),
                kind,
                raise_on_no_answer=False,
                search=False,
                lifetime=min(seconds, settings.DNS_TIMEOUT.total_seconds()),
            )
        except NXDOMAIN:
            return None
        except (DNSException, OSError, EOFError) as error:
            log.debug("sender_domain.no_answer", extra={"asked": name, "error": str(error)})
            return NoAnswer(_cause(error))


def configured_resolver() -> Resolver:
    """For DNS_SERVERS, or for the system's servers."""
    try:
        resolver = Resolver(configure=not settings.DNS_SERVERS)
    except NoResolverConfiguration:
        # As the C library does where there is no file.
        resolver = Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
    if settings.DNS_SERVERS:
        resolver.nameservers = [Do53Nameserver(*_place(each)) for each in settings.DNS_SERVERS]
    resolver.timeout = settings.DNS_TIMEOUT.total_seconds() / _TRIES
    resolver.use_edns(0, 0, _DATAGRAM_BYTES)
    return resolver


def _place(server: str) -> tuple[str, int]:
    """Address and port of what the system checks have found to be right."""
    try:
        return str(ip_address(server.strip())), _PORT
    except ValueError:
        parts = urlsplit(f"//{server.strip()}")
        return parts.hostname or "", parts.port or _PORT


def _cause(error: Exception) -> str:
    if isinstance(error, Timeout):
        return "silent"
    return "servfail" if isinstance(error, NoNameservers) else "failed"
