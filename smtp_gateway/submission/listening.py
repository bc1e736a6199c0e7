"""Listening sockets: one for each process that shares a port, made before there are processes."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

BACKLOG = 1024


class PortTaken(Exception):
    """Cannot listen; the text is one sentence that names the setting to change."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where to listen. `setting` is what an operator changes to move it."""

    host: str
    port: int
    setting: str
    implicit_tls: bool = False
    is_inbound: bool = False
    """For mail that comes back, and not for submission."""


def open_sockets(listener: Listener, *, processes: int = 1) -> list[list[socket.socket]]:
    """For each process its listening sockets, one per address of the host. Raises PortTaken.

    Connections spread over them, and wait in them for whoever accepts.
    """
    opened: list[list[socket.socket]] = [[] for _ in range(processes)]
    try:
        for family, address in _addresses(listener):
            free = _free_address(family, address)
            for sockets in opened:
                sockets.append(_bound(family, free, shared=True))
        for each in (each for sockets in opened for each in sockets):
            each.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        close_sockets(opened)
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if number and number > 0 else str(error)
        raise PortTaken(
            f"Cannot listen on {listener.host} port {listener.port} ({reason}): "
            f"set {listener.setting} to a free port."
        ) from error
    return opened


def close_sockets(opened: Sequence[Sequence[socket.socket]]) -> None:
    for sockets in opened:
        for each in sockets:
            each.close()


_Address = tuple[object, ...]


def _addresses(listener: Listener) -> list[tuple[socket.AddressFamily, _Address]]:
    found = socket.getaddrinfo(
        listener.host or None, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return list(
        dict.fromkeys((family, (to[0], listener.port, *to[2:])) for family, _, _, _, to in found)
    )


def _free_address(family: socket.AddressFamily, address: _Address) -> _Address:
    """`address`, with a port where it has none; raises OSError unless it is all ours."""
    # Only a bind that shares with nobody notices a foreign process on the port.
    with _bound(family, address, shared=False) as alone:
        alone.listen(1)
        return tuple(alone.getsockname())


def _bound(family: socket.AddressFamily, address: _Address, *, shared: bool) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is named: 40 ms a reply.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made
