"""Messages between the supervising process and a worker, each whole or not at all.

Whoever ends, in whatever way, is noticed at the other end.
"""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

_LONGEST_MESSAGE_BYTES = 256 * 1024

Message = Mapping[str, Any]


class Channel:
    """One end of it; never blocks."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._socket = end
        self.is_at_end = False
        """The other end said all that it will ever say."""

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, message: Message) -> bool:
        """False: nobody takes it, since the other end is gone or does not read."""
        try:
            self._socket.send(json.dumps(message).encode())
        except (BlockingIOError, ConnectionError):
            return False
        return True

    def receive(self) -> list[Message]:
        """What has come meanwhile."""
        messages: list[Message] = []
        while not self.is_at_end:
            try:
                received = self._socket.recv(_LONGEST_MESSAGE_BYTES)
            except BlockingIOError:
                break
            except ConnectionError:
                received = b""
            if received:
                messages.append(json.loads(received))
            else:
                self.is_at_end = True
        return messages

    def say_no_more(self) -> None:
        """The other end finds this one at its end, and can still be heard."""
        with suppress(OSError):  # it is gone already
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._socket.close()


def make_channel() -> tuple[Channel, Channel]:
    """Both ends."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Channel(one), Channel(other)
