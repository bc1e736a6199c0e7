"""How much all sessions of one process hold in memory, and whether more would be too much.

Large mails are read one after another when many come at once: they wait in their clients, where
they cost nothing here, instead of being refused.
"""

from collections.abc import Callable

from smtp_gateway.submission.config import Config

LARGE_BYTES = 1024 * 1024


class BufferedBytes:
    """`held`: of mails on their way in; `lying`: unread input and replies, as last looked at."""

    __slots__ = ("_large", "_waiting", "held", "lying")

    def __init__(self) -> None:
        self.held = 0
        self.lying = 0
        self._large: dict[object, None] = {}
        """Who holds a large mail, whoever began first in front."""
        self._waiting: list[Callable[[], None]] = []

    @property
    def total(self) -> int:
        return self.held + self.lying

    def has_room(self, size_bytes: int, config: Config) -> bool:
        """Whether so much more would still be within the limit."""
        return self.held + self.lying + size_bytes <= config.max_buffered_bytes

    def hold(self, size_bytes: int, config: Config) -> bool:
        """Counts so much more; False: it is too much, and was not counted."""
        if self.held + self.lying + size_bytes > config.max_buffered_bytes:
            return False
        self.held += size_bytes
        return True

    def must_wait(self, owner: object, config: Config, go_on: Callable[[], None]) -> bool:
        """For who holds a large mail: whether others come first. Then `go_on` is called later."""
        self._large.setdefault(owner)
        if self.held <= config.max_message_bytes or next(iter(self._large)) is owner:
            return False
        self._waiting.append(go_on)
        return True

    def release(self, owner: object, size_bytes: int) -> None:
        """`owner` holds nothing any more: it was so much."""
        self.held -= size_bytes
        if owner in self._large:
            del self._large[owner]
            waiting, self._waiting = self._waiting, []
            for go_on in waiting:
                go_on()
