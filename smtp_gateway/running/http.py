"""A very small HTTP server inside somebody else's loop: it never blocks and has no thread.

One request a connection, GET and HEAD only. A client that is slow costs a socket until its time is
over, and nothing else.
"""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

_MAX_CLIENTS = 64
_MAX_REQUEST_BYTES = 8192
_CLIENT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    status: HTTPStatus = HTTPStatus.OK


Handler = Callable[[str, str], Answer]
"""Answers a path, for a client that accepts these content types (the Accept header's value)."""


@dataclass(eq=False)
class _Client:
    connection: socket.socket
    deadline: float
    received: bytes = b""
    to_send: bytes = b""


class HttpServer:
    """Registers its sockets, with functions to call as their data, at `selector`."""

    def __init__(
        self, selector: selectors.BaseSelector, listening: list[socket.socket], handler: Handler
    ) -> None:
        self._selector, self._listening, self._handler = selector, listening, handler
        self._clients: set[_Client] = set()
        for each in listening:
            selector.register(each, selectors.EVENT_READ, lambda each=each: self._accept(each))

    def drop_late_clients(self) -> None:
        now = time.monotonic()
        for client in [client for client in self._clients if now > client.deadline]:
            self._drop(client)

    def close_in_child(self) -> None:
        """Closes a forked process's copies of all sockets, which stay open here."""
        for each in (*self._listening, *(client.connection for client in self._clients)):
            each.close()

    def _accept(self, listening: socket.socket) -> None:
        try:
            connection, _ = listening.accept()
        except OSError:
            return  # it is gone again, or there are no file descriptors left
        connection.setblocking(False)
        if len(self._clients) >= _MAX_CLIENTS:
            connection.close()
            return
        client = _Client(connection, time.monotonic() + _CLIENT_SECONDS)
        self._clients.add(client)
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._receive(client))

    def _receive(self, client: _Client) -> None:
        try:
            received = client.connection.recv(_MAX_REQUEST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        client.received += received
        head, end, _ = client.received.partition(b"\r\n\r\n")
        if end:
            self._answer(client, head)
        elif not received or len(client.received) > _MAX_REQUEST_BYTES:
            self._drop(client)

    def _answer(self, client: _Client, head: bytes) -> None:
        client.to_send = _wire(head, self._handler)
        self._selector.modify(client.connection, selectors.EVENT_WRITE, lambda: self._send(client))
        self._send(client)

    def _send(self, client: _Client) -> None:
        try:
            sent = client.connection.send(client.to_send)
        except BlockingIOError:
            return
        except OSError:
            self._drop(client)
            return
        client.to_send = client.to_send[sent:]
        if not client.to_send:
            self._drop(client)

    def _drop(self, client: _Client) -> None:
        self._clients.discard(client)
        self._selector.unregister(client.connection)
        client.connection.close()


def _wire(head: bytes, handler: Handler) -> bytes:
    first, *fields = head.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.partition(" ")
    if not version.startswith("HTTP/1."):
        answer = Answer(b"Bad request\n", status=HTTPStatus.BAD_REQUEST)
    elif method not in ("GET", "HEAD"):
        answer = Answer(b"Only GET and HEAD\n", status=HTTPStatus.METHOD_NOT_ALLOWED)
    else:
        answer = handler(target.partition("?")[0], _value(fields, "accept"))
    lines = [
        f"HTTP/1.1 {answer.status.value} {answer.status.phrase}",
        f"Content-Type: {answer.content_type}",
        f"Content-Length: {len(answer.body)}",
        "Cache-Control: no-store",
        "Connection: close",
        *(["Allow: GET, HEAD"] if answer.status is HTTPStatus.METHOD_NOT_ALLOWED else []),
    ]
    body = b"" if method == "HEAD" else answer.body
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _value(fields: list[str], name: str) -> str:
    for each in fields:
        key, _, value = each.partition(":")
        if key.strip().lower() == name:
            return value.strip()
    return ""
