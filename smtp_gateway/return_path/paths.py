"""Which deliveries get a return path of their own, and which one. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from smtp_gateway.return_path.address import return_path


@dataclass(frozen=True, slots=True)
class ReturnPaths:
    """What holds at present."""

    hosts: Mapping[str, str]
    """By sender domain, in A-labels and lower case: the host to which reports about its mail come
    back. It holds for the domains below, too."""
    key: bytes = field(repr=False)
    today: Callable[[], date]

    def apply_to(self, mail_from: str) -> bool:
        """Whether mail of this envelope sender gets them; what has the null sender gets none."""
        return bool(self.hosts) and bool(self._host(mail_from))

    def of(self, delivery_id: int, mail_from: str) -> str | None:
        """The envelope sender for one delivery; None: it stays as it is."""
        host = self._host(mail_from)
        if not host:
            return None
        return return_path(delivery_id, host, today=self.today(), key=self.key)

    def _host(self, mail_from: str) -> str:
        domain = mail_from.rpartition("@")[2].lower()
        while domain:
            if host := self.hosts.get(domain):
                return host
            domain = domain.partition(".")[2]
        return ""
