"""What the rules about domains ask DNS. Pure: who asks it is handed in."""

from dataclasses import dataclass
from typing import Protocol


class NoAnswer(Exception):
    """DNS says neither that there is something nor that there is nothing.

    The text is a code: `silent`, `servfail` or `failed`.
    """


@dataclass(frozen=True, slots=True)
class MailHost:
    """An MX record; the host in lower case, without the last dot."""

    preference: int
    host: str

    def __str__(self) -> str:
        return f"{self.preference} {self.host}"


class Names(Protocol):
    """Look-ups of names in A-labels. Empty: there is nothing. Each raises NoAnswer."""

    def txt(self, name: str) -> tuple[str, ...]:
        """Each record with its strings joined."""

    def mx(self, name: str) -> tuple[MailHost, ...]: ...

    def addresses(self, name: str) -> tuple[str, ...]:
        """IPv4 and IPv6."""

    def canonical(self, name: str) -> str:
        """Where aliases (CNAME) lead from `name`; `name` itself where there are none."""

    def exists(self, name: str) -> bool:
        """Whether it has records of any kind, or something below it has (RFC 8020)."""
