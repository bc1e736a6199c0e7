"""The addresses of a host, and in which order they are tried: what works comes first."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from smtp_gateway.relay.mx.answers import Answer, LookUpFailed
from smtp_gateway.relay.mx.resolver import Resolver

_MEMORY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """A host's addresses; none where it has none."""

    ipv6: tuple[str, ...]
    ipv4: tuple[str, ...]
    is_secure: bool = False
    canonical_name: str = ""
    """Where the host's aliases lead."""

    @property
    def all(self) -> tuple[str, ...]:
        return self.ipv6 + self.ipv4

    def only(self, condition: Callable[[str], bool]) -> "Addresses":
        """Without the addresses that do not meet `condition`."""
        ipv6, ipv4 = tuple(filter(condition, self.ipv6)), tuple(filter(condition, self.ipv4))
        return replace(self, ipv6=ipv6, ipv4=ipv4)


def one_address(address: str) -> Addresses:
    """An address that was written instead of a name."""
    return Addresses((address,), ()) if ":" in address else Addresses((), (address,))


async def find_addresses(resolver: Resolver, name: str) -> Addresses:
    """Raises LookUpFailed where there may be some, and none is known."""
    answers = await asyncio.gather(resolver.ipv6(name), resolver.ipv4(name), return_exceptions=True)
    found = [answer for answer in answers if isinstance(answer, Answer) and answer.records]
    for answer in answers:
        # One failed look-up does not matter where the other found something.
        if isinstance(answer, BaseException) and not (found and isinstance(answer, LookUpFailed)):
            raise answer
    ipv6, ipv4 = (answer.records if answer in found else () for answer in answers)
    return Addresses(
        ipv6,
        ipv4,
        is_secure=bool(found) and all(answer.is_secure for answer in found),
        canonical_name=found[0].canonical_name if found else "",
    )


class Families:
    """Whether IPv6 works from here: assumed, until IPv4 reached a host that IPv6 did not."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ipv4_first_until = 0.0

    def in_order(self, addresses: Addresses) -> Sequence[str]:
        """Both families in turns, so that each has its try among the first few."""
        families = [addresses.ipv6, addresses.ipv4]
        if self._clock() < self._ipv4_first_until:
            families.reverse()
        turns = chain.from_iterable(zip_longest(*families))
        return [address for address in turns if address]

    def ipv6_worked(self) -> None:
        self._ipv4_first_until = 0.0

    def only_ipv4_worked(self) -> None:
        self._ipv4_first_until = self._clock() + _MEMORY_SECONDS
