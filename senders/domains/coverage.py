"""Which domains count as verified, subdomains included. Pure.

The closest domain that was ever verified decides: a verified one covers all below it, down to one
that was verified by itself and counts no more.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Coverage:
    """`domain in coverage`: its mail may leave. Domains in A-labels and lower case."""

    counting: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()
    """Those that were verified, and count no more."""

    def __contains__(self, domain: str) -> bool:
        return bool(self.covering(domain))

    def covering(self, domain: str) -> str:
        """The domain by which `domain` counts, itself or one above; empty: it does not."""
        decides = self.deciding(domain)
        return decides if decides in self.counting else ""

    def deciding(self, domain: str) -> str:
        """The closest one that was ever verified; empty: none was."""
        known = self.counting | self.stopped
        return next((name for name in itself_and_above(domain) if name in known), "")


def itself_and_above(domain: str) -> Iterator[str]:
    """`a.example.com`, then `example.com`, then `com`."""
    while domain:
        yield domain
        domain = domain.partition(".")[2]
