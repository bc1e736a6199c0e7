"""What went wrong with the hosts of a domain, and which of it is told. Pure."""

from collections.abc import Sequence

from smtp_gateway.relay.classify import Fault
from smtp_gateway.relay.session import Ended

# What a host said tells more than that it said nothing, and that more than not having found it.
_TELLING = [
    Fault.DNS,
    Fault.UNREACHABLE,
    Fault.TIMEOUT,
    Fault.LOST,
    Fault.PROTOCOL,
    Fault.TLS,
]


def most_telling(failures: Sequence[Ended]) -> Ended:
    """Of those that tell as much the last. `failures` is never empty."""
    return max(reversed(failures), key=_rank)


def _rank(failure: Ended) -> int:
    fault = failure.ending.fault
    if failure.ending.reply is not None:
        return len(_TELLING)
    return _TELLING.index(fault) if fault in _TELLING else len(_TELLING)
