"""How much all sessions of one process hold in memory, and whether more would be too much."""

from smtp_gateway.submission.config import Config


class BufferedBytes:
    """`held`: of mails on their way in; `lying`: unread input and replies, as last looked at."""

    __slots__ = ("held", "lying")

    def __init__(self) -> None:
        self.held = 0
        self.lying = 0

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

    def release(self, size_bytes: int) -> None:
        self.held -= size_bytes
