"""What one connection takes of what is limited for all: a place among the connections, memory.

Whoever makes a seat leaves it at the end, whatever happened to the connection.
"""

from collections.abc import Callable

from smtp_gateway.submission.admission import Admission
from smtp_gateway.submission.buffered import LARGE_BYTES, BufferedBytes
from smtp_gateway.submission.config import Config
from smtp_gateway.submission.networks import Place, place_of
from smtp_gateway.submission.replies import Reply


class Seat:
    """Each method that gives a reply, or False, has taken nothing."""

    __slots__ = ("_admission", "_buffered", "_is_counted", "_place", "_sender", "held_bytes")

    def __init__(self, admission: Admission, buffered: BufferedBytes) -> None:
        self._admission = admission
        self._buffered = buffered
        self._is_counted = False
        self._place: Place | None = None
        self._sender: str | None = None
        self.held_bytes = 0
        """Of a mail that is not in the database yet."""

    def take(self, config: Config) -> Reply | None:
        """Among all connections, if it has no place there yet."""
        if self._is_counted:
            return None
        refusal = self._admission.admit(config)
        self._is_counted = refusal is None
        return refusal

    def come_from(self, ip: str, config: Config) -> Reply | None:
        """Among those of one IP. Call it again where the real peer turns out to be another."""
        place = place_of(ip, config.unlimited_networks)
        if place == self._place:
            return None
        self._leave_place()
        if refusal := self._admission.admit_place(place, config):
            return refusal
        self._place = place
        return None

    def log_in(self, address: str, config: Config) -> Reply | None:
        """Among those of one sender address."""
        if self._sender == address:
            return None
        if refusal := self._admission.admit_sender(address, config):
            return refusal
        self._leave_sender()
        self._sender = address
        return None

    def hold(self, size_bytes: int, config: Config) -> bool:
        """So much more lies in memory; False: that would be too much for this process."""
        if not self._buffered.hold(size_bytes, config):
            return False
        self.held_bytes += size_bytes
        return True

    def must_wait(self, config: Config, go_on: Callable[[], None]) -> bool:
        """Whether other large mails come before this one; then `go_on` is called later."""
        is_large = self.held_bytes > LARGE_BYTES
        return is_large and self._buffered.must_wait(self, config, go_on)

    def release(self) -> None:
        """The mail is in the database, or refused."""
        size_bytes, self.held_bytes = self.held_bytes, 0
        self._buffered.release(self, size_bytes)

    def leave(self) -> None:
        """Gives everything back; memory, too. Once more does nothing."""
        self._leave_sender()
        self._leave_place()
        if self._is_counted:
            self._is_counted = False
            self._admission.leave()
        self.release()

    def _leave_place(self) -> None:
        if self._place is not None:
            self._admission.leave_place(self._place)
            self._place = None

    def _leave_sender(self) -> None:
        if self._sender is not None:
            self._admission.leave_sender(self._sender)
            self._sender = None
