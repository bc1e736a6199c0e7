"""Who may have a connection: at most so many in all, from one IP, as one sender address.

Counted over all workers. IPv6 is counted by /64, since a host has that many addresses to itself.
"""

from smtp_gateway.submission import replies
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.networks import Place
from smtp_gateway.submission.replies import Reply
from smtp_gateway.submission.shared_counts import CountsRow


class Admission:
    """A reply means too many, and that it is not counted. Else a `leave…` is wanted at the end."""

    def __init__(self, row: CountsRow) -> None:
        self._row = row

    def admit(self, config: Config) -> Reply | None:
        """One more connection, from wherever it comes."""
        if self._row.add_connection() <= config.max_connections:
            return None
        self.leave()
        return replies.TOO_MANY_CONNECTIONS

    def leave(self) -> None:
        self._row.remove_connection()

    def admit_place(self, place: Place, config: Config) -> Reply | None:
        """From there; call it when the real peer is known."""
        if not place.is_limited or self._row.add(_ip(place)) <= config.max_connections_per_ip:
            return None
        self.leave_place(place)
        return replies.TOO_MANY_CONNECTIONS_OF_IP

    def leave_place(self, place: Place) -> None:
        if place.is_limited:
            self._row.remove(_ip(place))

    def admit_sender(self, address: str, config: Config) -> Reply | None:
        """A log-in as `address`."""
        if self._row.add(_sender(address)) <= config.max_connections_per_sender:
            return None
        self.leave_sender(address)
        return replies.TOO_MANY_CONNECTIONS_OF_SENDER

    def leave_sender(self, address: str) -> None:
        self._row.remove(_sender(address))


def _ip(place: Place) -> bytes:
    return b"ip\0" + place.network.encode()


def _sender(address: str) -> bytes:
    return b"sender\0" + address.encode()
