"""SPF records (RFC 7208): whether they let in what mail comes from, and how to make them. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from senders.domains.names import Names

MOST_LOOK_UPS = 10
"""RFC 7208 section 4.6.4: a record that needs more is an error."""
_ASKING = {"include", "a", "mx", "ptr", "exists", "redirect"}
_TERM = re.compile(r"([-+~?]?)([A-Za-z][A-Za-z0-9._-]*)(?:([:=])([^\s/]*))?((?:/[0-9/]*)?)")
_MECHANISMS = {"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"}

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Term:
    """A mechanism or modifier, such as `~all`, `include:spf.example.net` or `redirect=x`."""

    qualifier: str
    name: str
    value: str
    suffix: str
    """The length of a prefix, as in `a/24`; empty: none."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a record lets in, of what was wanted."""

    missing: tuple[str, ...] = ()
    fault: str = ""
    """Why receivers cannot use the record at all; a code, empty: they can."""
    about: str = ""
    """The term or name that the fault is about."""
    look_ups: int = 0


class Fault(Exception):
    """The record is an error for whoever reads it (permerror)."""

    def __init__(self, code: str, about: str) -> None:
        super().__init__(code)
        self.code, self.about = code, about


def is_spf(text: str) -> bool:
    """RFC 7208 section 4.5."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def read_terms(text: str) -> list[Term]:
    """What stands behind the version. Raises Fault."""
    return [_term(word) for word in text.split()[1:]]


def is_mechanism(word: str) -> bool:
    """Whether `word` can be put into a record to let something in."""
    try:
        term = _term(word)
        list(_own_networks(term))
    except (Fault, ValueError):
        return False
    return term.name in _MECHANISMS - {"all", "ptr", "exists"} and term.qualifier == "+"


def coverage(domain: str, text: str, wanted: Sequence[str], names: Names) -> Coverage:
    """Whether `text`, the record of `domain`, lets in all of `wanted`. Raises NoAnswer."""
    reading = _Reading(names)
    try:
        reading.read(domain, text)
    except Fault as fault:
        return Coverage(tuple(wanted), fault.code, fault.about, reading.look_ups)
    missing = tuple(each for each in wanted if not reading.lets_in(domain, _term(each)))
    return Coverage(missing, look_ups=reading.look_ups)


def make_record(mechanisms: Sequence[str]) -> str:
    return " ".join(["v=spf1", *mechanisms, "~all"])


def with_mechanisms(text: str, mechanisms: Sequence[str]) -> str:
    """The record `text` with these in front of what stands at its end."""
    words = text.split()
    ends = (at for at, word in enumerate(words) if re.match(r"(?i)[-+~?]?all$|redirect=", word))
    end = next(ends, len(words))
    return " ".join([*words[:end], *mechanisms, *words[end:]])


@dataclass
class _Reading:
    """One evaluation, with all that is included."""

    names: Names
    look_ups: int = 0
    lets_all_in: bool = False
    networks: list[Network] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    """Mechanisms that let in, by name and value."""

    def read(self, domain: str, text: str) -> None:
        terms = read_terms(text)
        for term in terms:
            if term.name == "redirect":
                continue
            self._count(term)
            if term.name == "all":
                self.lets_all_in |= term.qualifier == "+"
                return
            if term.qualifier == "+":
                self._let_in(domain, term)
        for term in terms:
            if term.name == "redirect":
                self._count(term)
                self._read_other(term)

    def lets_in(self, domain: str, wanted: Term) -> bool:
        if self.lets_all_in or (wanted.name, _target(domain, wanted) + wanted.suffix) in self.seen:
            return True
        networks = list(_networks(domain, wanted, self.names))
        return bool(networks) and all(map(self._has, networks))

    def _has(self, network: Network) -> bool:
        return any(
            network.version == each.version and network.subnet_of(each)  # type: ignore[arg-type]
            for each in self.networks
        )

    def _count(self, term: Term) -> None:
        self.look_ups += term.name in _ASKING
        if self.look_ups > MOST_LOOK_UPS:
            raise Fault("spf-too-many-look-ups", str(self.look_ups))

    def _let_in(self, domain: str, term: Term) -> None:
        self.seen.add((term.name, _target(domain, term) + term.suffix))
        if term.name == "include":
            self._read_other(term)
        else:
            self.networks += _networks(domain, term, self.names)

    def _read_other(self, term: Term) -> None:
        if "%" in term.value:
            return  # a macro: what it leads to depends on the mail
        records = [text for text in self.names.txt(term.value) if is_spf(text)]
        if len(records) != 1:
            raise Fault("spf-include-without-record", term.value)
        self.read(term.value, records[0])


def _term(word: str) -> Term:
    found = _TERM.fullmatch(word)
    if found is None:
        raise Fault("spf-unreadable", word)
    qualifier, name, sign, value, suffix = found.groups()
    name = name.lower()
    if sign != "=" and name not in _MECHANISMS:
        raise Fault("spf-unreadable", word)
    if name in {"include", "ip4", "ip6", "exists", "redirect"} and not value:
        raise Fault("spf-unreadable", word)
    return Term(qualifier or "+", name, (value or "").lower().removesuffix("."), suffix)


def _target(domain: str, term: Term) -> str:
    return term.value or domain


def _networks(domain: str, term: Term, names: Names) -> Iterator[Network]:
    try:
        yield from _own_networks(term)
    except ValueError:
        raise Fault("spf-unreadable", f"{term.name}:{term.value}{term.suffix}") from None
    target = _target(domain, term)
    if "%" in target or term.name not in {"a", "mx"}:
        return
    hosts = [target] if term.name == "a" else [each.host for each in names.mx(target)]
    for host in hosts:
        for address in names.addresses(host):
            yield _network(address, term.suffix)


def _own_networks(term: Term) -> Iterator[Network]:
    """Of `ip4` and `ip6`. Raises ValueError."""
    if term.name in {"ip4", "ip6"}:
        network = ip_network(term.value + term.suffix, strict=False)
        if network.version != int(term.name[-1]):
            raise ValueError(term.value)
        yield network


def _network(address: str, suffix: str) -> Network:
    """`a/24//64`: a length for IPv4, another for IPv6 (RFC 7208 section 5.6)."""
    ipv4, _, ipv6 = suffix.removeprefix("/").partition("//")
    if suffix.startswith("//"):
        ipv4, ipv6 = "", suffix.removeprefix("//")
    length = ipv6 if ":" in address else ipv4
    try:
        return ip_network(f"{address}/{length}" if length else address, strict=False)
    except ValueError:
        raise Fault("spf-unreadable", suffix) from None
