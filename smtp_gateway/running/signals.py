"""Signals as something to read beside everything else, so that none interrupts a step."""

import signal
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType


class Signals:
    """Readable when one has come."""

    def __init__(self, reading: socket.socket) -> None:
        self._reading = reading

    def fileno(self) -> int:
        return self._reading.fileno()

    def read(self) -> list[int]:
        """The numbers of those that came."""
        try:
            return list(self._reading.recv(1024))
        except BlockingIOError:
            return []

    def close(self) -> None:
        self._reading.close()


@contextmanager
def readable_signals(numbers: Iterable[signal.Signals]) -> Iterator[Signals]:
    """Until the block ends, these do nothing but be readable."""
    reading, writing = socket.socketpair()
    with reading, writing:
        reading.setblocking(False)
        writing.setblocking(False)
        handlers = {number: signal.signal(number, _only_wake) for number in numbers}
        wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        try:
            yield Signals(reading)
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in handlers.items():
                signal.signal(number, handler)


def _only_wake(_number: int, _frame: FrameType | None) -> None:
    """With a handler of Python's the number is written to the wake-up socket."""
