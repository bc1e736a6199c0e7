"""What DNS says, written down: for rules that are asked without any DNS server."""

from collections import defaultdict
from dataclasses import dataclass, field

from senders.domains.names import MailHost


@dataclass
class Zone:
    """Implements `Names`, and remembers what it was asked."""

    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    hosts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    exchanges: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    asked: list[str] = field(default_factory=list)

    def text(self, name: str, *texts: str) -> "Zone":
        self.texts[name] += texts
        return self

    def host(self, name: str, *addresses: str) -> "Zone":
        self.hosts[name] += addresses
        return self

    def exchange(self, name: str, *hosts: str) -> "Zone":
        self.exchanges[name] += hosts
        return self

    def txt(self, name: str) -> tuple[str, ...]:
        self.asked.append(name)
        return tuple(self.texts.get(name, ()))

    def mx(self, name: str) -> tuple[MailHost, ...]:
        return tuple(MailHost(10, host) for host in self.exchanges.get(name, ()))

    def addresses(self, name: str) -> tuple[str, ...]:
        return tuple(self.hosts.get(name, ()))

    def canonical(self, name: str) -> str:
        return name

    def exists(self, name: str) -> bool:
        return any(name in known for known in (self.texts, self.hosts, self.exchanges))
