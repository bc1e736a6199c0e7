"""Tells systemd how it goes (sd_notify(3)); without one there is nobody to tell."""

import os
import socket
from contextlib import suppress


def tell_service_manager(state: str) -> None:
    """`state` as in "READY=1"."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # A name that begins with @ is abstract, written with a NUL (unix(7)).
    target = "\0" + address[1:] if address[0] == "@" else address
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    with sender, suppress(OSError):  # whom it cannot reach has time limits of its own
        sender.sendto(state.encode(), target)
