"""The data of one mail while it arrives: into its reader as long as there is memory for it."""

from collections.abc import Callable
from typing import Protocol

from smtp_gateway.submission.config import Config
from smtp_gateway.submission.seat import Seat


class Reader(Protocol):
    """Takes the data of a mail."""

    @property
    def keeps(self) -> bool:
        """Whether it still keeps what it is fed; False: it only looks for the end."""

    def feed(self, chunk: bytes, /) -> bytes | None:
        """Takes what has arrived; returns what came behind its end, None while it has not come."""

    def give_up(self) -> None:
        """Keeps nothing of the mail from here on, and still finds its end."""


class Incoming:
    """`then` goes on when all is there, `give_up` instead where there was no memory to keep it."""

    __slots__ = (
        "_config",
        "_give_up",
        "_has_given_up",
        "_reader",
        "_seat",
        "_then",
        "since",
        "taken_bytes",
    )

    def __init__(
        self,
        reader: Reader,
        *,
        then: Callable[[], None],
        give_up: Callable[[], None],
        seat: Seat,
        config: Config,
        since: float,
    ) -> None:
        self._reader = reader
        self._then = then
        self._give_up = give_up
        self._seat = seat
        self._config = config
        self._has_given_up = False
        self.taken_bytes = 0
        self.since = since
        """Loop seconds at its beginning."""

    def feed(self, data: bytes) -> bytes | None:
        """As a Reader's."""
        self.taken_bytes += len(data)
        if self._reader.keeps and not self._seat.hold(len(data), self._config):
            self._has_given_up = True
            self._reader.give_up()
        rest = self._reader.feed(data)
        if self._seat.held_bytes and not self._reader.keeps:
            # Whoever only waits for an end takes no room from other mails.
            self._seat.release()
        return rest

    @property
    def next_step(self) -> Callable[[], None]:
        """What to do at its end."""
        return self._give_up if self._has_given_up else self._then
